/** Where the gas of a transaction goes, while it runs: by frame, function, host call and instruction, and what is fixed. */
import { keyOf } from '../../codec/bytes.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import {
  type Contract,
  type ExecutedLabel,
  INK_PER_GAS,
  NodeRoom,
  ProfileNode,
  RecordedContract,
  RecordedFrame,
  type RecordedProgram,
  recordContract,
} from '../contractHost.ts'
import type { Creation } from '../creation.ts'
import { CODE_DEPOSIT_BYTE_GAS, frameGas } from '../fees.ts'
import { MAX_PROFILED_GAS } from '../limits.ts'
import type { Message } from '../message.ts'
import type { MessageResult } from '../transactionContext.ts'
import type { FrameKind } from './callTree.ts'
import type { FrameTracer } from './frameTracer.ts'
import { type Paid, type Profile, ProfileRoom, profileOf } from './profile.ts'
import { FRAME_KINDS, TraceTooLarge } from './recorder.ts'

/** Costs of a frame that no instruction has. */
export type FrameCost =
  /** Reading, unpacking and compiling the code, by its size (docs/protocol/gas.md, "Loading"). */
  | 'loading'
  | 'frame start'
  /** Pages that the frame starts with. */
  | 'memory pages'
  | 'code deposit'
  | 'code check'
  /** Less than a gas, which a frame rounds against the contract; under schedule `stylus` what output costs at least too. */
  | 'rounding'

export type ProfileLabel =
  | ExecutedLabel
  | { readonly kind: 'root' }
  | { readonly kind: 'frame'; readonly frame: FrameKind; readonly to: Uint8Array }
  | { readonly kind: 'fixed'; readonly name: FrameCost }

export type Node = ProfileNode<ProfileLabel>

/** A contract that ran, under all addresses that have its module. */
export interface Recorded {
  readonly contract: RecordedContract
  readonly moduleHash: Uint8Array
  readonly addresses: Map<string, Uint8Array>
}

export interface RawProfile {
  readonly root: Node
  readonly contracts: readonly Recorded[]
  /** Gas that the outermost frame was given, and used; null where none ran. */
  readonly outermost: { readonly gas: bigint; readonly used: bigint } | null
  /** Gas of refunds that the transaction earned, before what they are bounded by. */
  readonly refund: bigint
  /** Whether there was no room for some node, whose gas its caller has. */
  readonly isCut: boolean
}

interface OpenFrame {
  readonly node: Node
  readonly gas: bigint
  readonly isCreation: boolean
  /** Ink of frames that it began. */
  inner: number
  /** Of a frame that runs a contract. */
  run: {
    readonly frame: RecordedFrame<ProfileLabel>
    readonly gas: bigint
    readonly startGas: bigint
    fuel: bigint | null
  } | null
}

export class Profiler implements FrameTracer {
  readonly #refund: () => bigint
  readonly #open: OpenFrame[] = []
  readonly #contracts = new Map<RecordedProgram, Recorded>()
  readonly #room = new ProfileRoom()
  #nodes = new NodeRoom(0)
  #root: Node | null = null
  #earned = 0n
  #outermost: RawProfile['outermost'] = null

  /** `refund`: the counter of the open transaction. */
  constructor(refund: () => bigint) {
    this.#refund = refund
  }

  /** The bounds are those of all that is profiled together. @throws TraceTooLarge. */
  begin(): void {
    // The outermost frame has its node, so that no gas is lost.
    this.#room.take('nodes', 1)
    this.#nodes = new NodeRoom(this.#room.nodes + 1)
    this.#root = new ProfileNode<ProfileLabel>({ kind: 'root' }, null, this.#nodes)
    this.#contracts.clear()
    this.#earned = 0n
    this.#outermost = null
  }

  /** The profile since {@link begin}, which waits for what was paid; nothing is heard any more. @throws TraceTooLarge. */
  take(): ((paid: Paid) => Profile) | null {
    const root = this.#root
    this.#root = null
    if (root === null) return null
    this.#room.nodes = this.#nodes.left
    const contracts = [...this.#contracts.values()]
    this.#contracts.clear()
    const raw = { root, contracts, outermost: this.#outermost, refund: this.#earned, isCut: this.#nodes.isFull }
    return profileOf(raw, this.#room)
  }

  /** A contract that is heard while somebody listens. */
  heard(contract: Contract, module: Uint8Array): Contract {
    let isCompiled = false
    return recordContract<ProfileLabel>(contract, module, {
      begin: (program, { codeAddress }, gas) => {
        const open = this.#open.at(-1)
        if (open === undefined) return null
        if (!isCompiled) this.#room.take('moduleBytes', module.length)
        isCompiled = true
        const recorded = this.#recorded(program(), module)
        recorded.addresses.set(keyOf(codeAddress), codeAddress)
        const frame = new RecordedFrame(recorded.contract, open.node)
        open.run = { frame, gas, startGas: frameGas(contract.startGas, this.#open.length - 1), fuel: null }
        return frame
      },
      start: (frame, fuel) => {
        const { run } = this.#open.at(-1)!
        if (run?.frame !== frame) throw new Error('another contract starts than the one whose frame is open')
        run.fuel = fuel
      },
    })
  }

  enterMessage({ kind, codeAddress, gas }: Message): void {
    this.#enter(FRAME_KINDS[kind], codeAddress, gas, false)
  }

  enterCreation({ address, gas }: Creation): void {
    this.#enter('CREATE', address, gas, true)
  }

  leave(result: MessageResult): void {
    const frame = this.#open.pop()
    if (frame === undefined) return
    const used = inkOf(frame.gas - result.gasLeft)
    this.#share(frame, used, result)
    const outer = this.#open.at(-1)
    if (outer === undefined) {
      this.#earned = this.#refund()
      this.#outermost = { gas: frame.gas, used: frame.gas - result.gasLeft }
    } else if (outer.run === null) outer.inner += used
    else outer.run.frame.innerFrame(used)
  }

  #enter(kind: FrameKind, to: Uint8Array, gas: bigint, isCreation: boolean): void {
    if (this.#root === null) return
    if (gas > MAX_PROFILED_GAS) {
      throw new TraceTooLarge(
        `a profile is of at most ${MAX_PROFILED_GAS} gas (MAX_PROFILED_GAS); call with less than ${gas}`,
      )
    }
    const outer = this.#open.at(-1)
    const caller = outer === undefined ? this.#root : (outer.run?.frame.current ?? outer.node)
    const address = to.slice()
    const node = caller.called(`${kind} ${keyOf(address)}`, () => ({ kind: 'frame', frame: kind, to: address }))
    this.#open.push({ node, gas, isCreation, inner: 0, run: null })
  }

  /** Gives the nodes below a frame's what it used, beside what its contract and inner frames have already. */
  #share({ node, gas, isCreation, inner, run }: OpenFrame, used: number, result: MessageResult): void {
    let rest = used - inner
    const pay = (name: FrameCost, cost: bigint) => {
      if (cost === 0n) return
      fixed(node, name).self += inkOf(cost)
      rest -= inkOf(cost)
    }
    const codeCost = (cost: bigint) => {
      const deposit = result.kind === 'success' ? CODE_DEPOSIT_BYTE_GAS * BigInt(result.output.length) : 0n
      pay('code deposit', deposit)
      pay('code check', cost - deposit)
    }
    if (run !== null) {
      pay('frame start', run.startGas)
      const before = gas - run.gas - run.startGas
      if (isCreation) codeCost(before)
      else pay('loading', before)
      if (run.fuel !== null) pay('memory pages', run.gas - run.fuel / INK_PER_GAS)
      rest -= run.frame.fuelUsed
    } else if (isCreation && result.kind === 'success') codeCost(BigInt(rest) / INK_PER_GAS)
    if (rest === 0) return
    if (result.kind === 'failure') node.called('burnt', () => ({ kind: 'burnt' })).self += rest
    else if (run === null) node.self += isCreation ? 0 : rest
    else fixed(node, 'rounding').self += rest
  }

  #recorded(program: RecordedProgram, module: Uint8Array): Recorded {
    const known = this.#contracts.get(program)
    if (known !== undefined) return known
    const made = { contract: new RecordedContract(program), moduleHash: keccak256(module), addresses: new Map() }
    this.#contracts.set(program, made)
    return made
  }
}

function fixed(node: Node, name: FrameCost): Node {
  return node.called(name, () => ({ kind: 'fixed', name }))
}

function inkOf(gas: bigint): number {
  return Number(gas * INK_PER_GAS)
}
