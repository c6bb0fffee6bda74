/**
 * One frame of a contract while it is recorded: from the groups that ran, in their order, to fuel by function and caller.
 */
import type { ExecutionRecorder } from '../engine/reference/recorder.ts'
import type { ProfileNode } from './profileTree.ts'
import type { RecordedContract } from './recordedContract.ts'

/** Of the nodes that a frame of a contract has below its own. */
export type ExecutedLabel =
  | {
      readonly kind: 'function'
      readonly contract: RecordedContract
      readonly functionIndex: number
      /** Byte offset of the instruction of the caller that calls it; null where no instruction of the caller's did. */
      readonly at: number | null
    }
  /** A host function, as the module imports it. */
  | { readonly kind: 'host'; readonly contract: RecordedContract; readonly functionIndex: number }
  /** The fuel that was left when the contract trapped, which goes with it. */
  | { readonly kind: 'burnt' }

/** No key of a child that is a function is below 0. */
const BURNT = -1
/** More than a module has functions: a key is a function's index and, times this, the call that it is called by. */
const KEYS_OF_A_CALL = 16_384

export class RecordedFrame<Label> implements ExecutionRecorder {
  /** That the contract has used, frames that it began among it. */
  fuelUsed = 0
  readonly #contract: RecordedContract
  readonly #root: ProfileNode<Label | ExecutedLabel>
  /** The node of each function that is open, the outermost first. */
  readonly #path: ProfileNode<Label | ExecutedLabel>[] = []
  #node: ProfileNode<Label | ExecutedLabel>
  #group = -1
  /** Left where the group began. */
  #fuel = 0
  #begun = 0
  #stop = -1
  /** Of the last choice: the position of the instruction that chooses, and the way that it goes. */
  #chooser = -1
  #edge = 0
  /** Of frames that the group began, which nodes of their own have. */
  #inner = 0

  constructor(contract: RecordedContract, root: ProfileNode<Label | ExecutedLabel>) {
    this.#contract = contract
    this.#root = root
    this.#node = root
  }

  /** The node of what runs now, below which the node of a frame that it begins belongs. */
  get current(): ProfileNode<Label | ExecutedLabel> {
    return this.#group < 0 ? this.#node : this.#hostNode()
  }

  /** A frame that was begun by what runs now is over, and has used so much. */
  innerFrame(fuelUsed: number): void {
    this.#inner += fuelUsed
  }

  begin(_body: number, fuel: number): void {
    this.#begun = fuel
    this.#fuel = fuel
    this.#group = -1
    this.#stop = -1
    this.#chooser = -1
    this.#node = this.#root
  }

  group(group: number, depth: number, fuel: number): void {
    const { isEntry, body } = this.#contract.code.groups
    let charged = this.#fuel - fuel
    if (isEntry[group] === 1) {
      const ofEntry = this.#contract.entryCost(body[group]!)
      charged -= ofEntry
      this.#settle(charged)
      const caller = depth === 0 ? this.#root : this.#path[depth - 1]!
      this.#node = this.#functionNode(caller, body[group]!, depth === 0 ? -1 : this.#callOf(caller))
      this.#path[depth] = this.#node
      this.#node.self += ofEntry
      if (this.#node !== caller) this.#node.calls++
      this.#contract.enter(body[group]!)
    } else {
      this.#settle(charged)
      this.#node = this.#path[depth]!
    }
    this.#group = group
    this.#fuel = fuel
  }

  choice(position: number, value: number): void {
    this.#edge = this.#contract.choice(position, value)
    this.#chooser = position + 1
  }

  stop(position: number): void {
    this.#stop = position
  }

  end(how: 'return' | 'exit' | 'trap', fuel: number): void {
    this.fuelUsed += this.#begun - fuel
    if (how === 'trap') this.#burn()
    else this.#settle(this.#fuel - fuel)
    this.#group = -1
  }

  /** The last group is over. */
  #settle(charged: number): void {
    const group = this.#group
    if (group < 0) return
    const { fuel, host } = this.#contract.code.groups
    const dynamic = charged - fuel[group]! - this.#inner
    this.#contract.ran(group, dynamic)
    this.#node.self += fuel[group]!
    if (host[group]! < 0) this.#node.self += dynamic
    else {
      const node = this.#hostNode()
      node.self += dynamic
      if (node !== this.#node) node.calls++
    }
    this.#inner = 0
  }

  #burn(): void {
    // It is told of a choice before the instruction is paid for, and no such instruction traps for another reason.
    if (this.#stop >= 0 && this.#stop === this.#chooser) this.#contract.unchoose(this.#edge)
    const spent = this.#group < 0 ? 0 : this.#contract.ranInPart(this.#group, this.#stop, this.#fuel)
    this.#node.self += spent
    const burnt: ExecutedLabel = { kind: 'burnt' }
    this.#node.called(BURNT, () => burnt).self += this.#fuel - spent - this.#inner
    this.#inner = 0
  }

  #hostNode(): ProfileNode<Label | ExecutedLabel> {
    const host = this.#contract.code.groups.host[this.#group]!
    const contract = this.#contract
    return host < 0 ? this.#node : this.#node.child(host, () => ({ kind: 'host', contract, functionIndex: host }))
  }

  /** One for each instruction that calls it. `call`: its position, -1 for none. */
  #functionNode(parent: ProfileNode<Label | ExecutedLabel>, body: number, call: number) {
    const contract = this.#contract
    const functionIndex = contract.importedFunctions + body
    return parent.child(functionIndex + (call + 1) * KEYS_OF_A_CALL, () => ({
      ...{ kind: 'function', contract, functionIndex },
      at: call < 0 ? null : contract.offsetAt(call),
    }))
  }

  /** The call that a group ended with, which another function begins behind; -1 when it is none of the caller's. */
  #callOf({ label }: ProfileNode<Label | ExecutedLabel>): number {
    const { body, end } = this.#contract.code.groups
    const called = label as Partial<ExecutedLabel & { kind: 'function' }>
    const isCallers =
      called.kind === 'function' && called.functionIndex === this.#contract.importedFunctions + body[this.#group]!
    return isCallers ? end[this.#group]! - 1 : -1
  }
}
