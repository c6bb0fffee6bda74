/**
 * A program loaded into a machine, with its tables, globals and memory. It outlives the instance that uses it when it can
 * be reset.
 */
import { PAGE_BYTES } from '../../limits.ts'
import { MAX_POOLED_PAGES } from '../canBeReset.ts'
import { type Idle, INSTANCE_BYTES } from '../idlePool.ts'
import type { LinkedNewMemory } from '../linking.ts'
import { memoryCleaner, STRETCH } from '../memoryCleaner.ts'
import type { InterpreterInstance } from './instance.ts'
import { HEADER, NOT_LOWERED } from './layout.ts'
import { type LoweredModule, stackBudget } from './lower.ts'
import { headerAddress } from './lowerOperands.ts'
import { Machine } from './machine.ts'
import type { InterpreterProgram } from './program.ts'
import { InterpreterGlobal, InterpreterMemory, InterpreterTable } from './store.ts'

/** Most room that frames are given; a greater budget of stack is for tests that do not use it. */
const MOST_FRAME_BYTES = 2 ** 24

/** Pages kept for a memory to grow to before something is put behind it: all it may have, but in tests. */
const MOST_RESERVED_PAGES = 4_096

/** Bytes left free between the bound of the stack's rule and the end of a room. */
const FRAME_SLACK = 64

/** Bytes that frames of an execution may take which begins at a depth. */
export function frameRoom(budget: number, depth: number): number {
  return Math.min(Math.max(budget - depth, 0), MOST_FRAME_BYTES) + FRAME_SLACK
}

export interface Imported {
  readonly tables: readonly InterpreterTable[]
  readonly globals: readonly InterpreterGlobal[]
  readonly memory: InterpreterMemory | LinkedNewMemory | null
}

export class LoadedModule implements Idle {
  readonly program: InterpreterProgram
  readonly machine: Machine
  readonly lowered: LoweredModule
  readonly memory: InterpreterMemory | null
  readonly tables: readonly InterpreterTable[]
  /** The whole index space; imported ones that do not change have a copy of their value in this machine. */
  readonly globals: readonly InterpreterGlobal[]
  readonly foreignGlobals: Uint8Array
  /** The instance that uses it. */
  instance!: InterpreterInstance
  /** Something of it was handed out, or a failure of the host went through it. */
  spoiled = false
  readonly #newMemory: LinkedNewMemory | null
  readonly #initialPages: number
  #initialGlobals: Uint8Array | null = null
  #clean: ((from: number) => void) | null = null

  constructor(program: InterpreterProgram, imported: Imported) {
    const { decoded: module, limits } = program
    this.program = program
    this.#newMemory = imported.memory?.kind === 'new-memory' ? imported.memory : null
    this.foreignGlobals = Uint8Array.from(module.globalTypes, ({ mutable }, i) =>
      mutable && i < module.importedGlobals ? 1 : 0,
    )
    const room = program.tableRoom()
    for (const [i, { max }] of imported.tables.entries()) room[i] = max
    const budget = stackBudget(limits)
    if (imported.memory instanceof InterpreterMemory) {
      this.memory = imported.memory
      this.machine = this.memory.machine
      // How long it is does not depend on where it stands.
      const { start, end } = program.lowerAt(0, room, this.foreignGlobals)
      this.lowered = program.lowerAt(this.machine.allocate(end - start), room, this.foreignGlobals)
    } else {
      this.lowered = program.standsAlone
        ? program.lowered
        : program.lowerAt(program.lowered.start, room, this.foreignGlobals)
      const frames = Math.ceil(this.lowered.end / 16) * 16
      const framesEnd = frames + frameRoom(budget, 0)
      const start = Math.ceil(framesEnd / STRETCH) * STRETCH
      const { min, max } = imported.memory ?? module.memories[module.importedMemories] ?? { min: 0, max: 0 }
      const most = Math.min(max ?? limits.memoryPages, limits.memoryPages)
      this.machine = new Machine(
        start + min * PAGE_BYTES,
        start + Math.max(min, Math.min(most, MOST_RESERVED_PAGES)) * PAGE_BYTES,
      )
      this.machine.useFrames({ start: frames, end: framesEnd })
      const hasMemory = module.memories.length > 0
      this.memory = hasMemory ? new InterpreterMemory(this.machine, start, min, max, most) : null
    }
    this.machine.bytes.set(this.lowered.image, this.lowered.start)
    this.#initialPages = this.memory?.pages ?? 0
    this.tables = module.tables.map(
      ({ min, max }, i) => imported.tables[i] ?? new InterpreterTable(min, max, limits.tableElements),
    )
    this.globals = module.globalTypes.map(({ type, mutable }, i) => {
      const own = new InterpreterGlobal(type, mutable, this, this.lowered.globals[i]!)
      return (mutable ? imported.globals[i] : null) ?? own
    })
  }

  /** Whether a function can run here. */
  hasCode(f: number): boolean {
    return this.machine.view.getUint32(headerAddress(this.lowered, f) + HEADER.frame, true) !== NOT_LOWERED
  }

  /** Brings a function here, lowered if it has run nowhere yet. */
  bring(f: number): void {
    this.lowered.lower(f)
    this.lowered.copyFunction(f, this.machine.bytes)
  }

  /** Room for code that is not used is not counted: nobody has touched it. */
  get idleBytes(): number {
    const { end, start, image } = this.lowered
    return INSTANCE_BYTES + this.machine.memory.buffer.byteLength - (end - start - image.length)
  }

  /** Whether it can be used again, as far as its use tells. */
  get reusable(): boolean {
    if (this.spoiled || this.machine.extended || !this.program.poolable) return false
    return (this.memory?.pages ?? 0) === this.#initialPages && this.#initialPages <= MAX_POOLED_PAGES
  }

  /** Whether it has the memory that the host asks for. */
  suits({ memory }: Imported): boolean {
    if (memory === null || memory.kind !== 'new-memory') return memory === null
    return this.#newMemory !== null && this.#newMemory.min === memory.min && this.#newMemory.max === memory.max
  }

  /** Notes what globals are at the start. */
  rememberGlobals(): void {
    this.#initialGlobals = this.#globalBytes().slice()
  }

  /** Makes memory and globals as they were before segments were copied; the rest of them cannot have changed. */
  reset(): void {
    if (this.memory !== null) {
      this.#clean ??= memoryCleaner(this.machine.memory)
      this.#clean(this.memory.start)
    }
    this.#globalBytes().set(this.#initialGlobals!)
  }

  #globalBytes(): Uint8Array {
    const [first = 0] = this.lowered.globals
    return this.machine.bytes.subarray(first, first + this.globals.length * 8)
  }
}
