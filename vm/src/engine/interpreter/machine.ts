/**
 * A machine: a memory of the host's with one core over it, and in it the programs of the instances that share a contract
 * memory, almost always one (layout.ts).
 */
import { PAGE_BYTES } from '../../limits.ts'
import {
  type HostCode,
  type HostInstance,
  type HostMemory,
  type HostModule,
  hostWebAssembly,
} from '../hostWebAssembly.ts'
import { idlePool } from '../idlePool.ts'
import { CORE_BASE64 } from './core.ts'
import {
  DEPTH,
  DONE,
  DONE_CHARGE,
  EXIT,
  FP,
  FRAMES_END,
  FUEL,
  LEFT,
  MEMORY,
  MEMORY_SIZE,
  PC,
  STACK_BUDGET,
} from './layout.ts'
import { operation } from './operations.ts'

/** The most a memory of the host's can have. */
const MAX_PAGES = 65_536

let core: HostModule | null = null

function compiledCore(): HostModule {
  core ??= new hostWebAssembly.Module(Uint8Array.from(atob(CORE_BASE64), (character) => character.charCodeAt(0)))
  return core
}

function newMemory(initial: number, maximum: number): HostMemory {
  return idlePool.makingRoom(() => new hostWebAssembly.Memory({ initial, maximum }))
}

function coreOver(memory: HostMemory): HostCode {
  const { exports }: HostInstance = new hostWebAssembly.Instance(compiledCore(), { env: { memory } })
  return exports['run'] as HostCode
}

/** Room for frames. */
export interface FrameRoom {
  readonly start: number
  readonly end: number
}

export class Machine {
  memory: HostMemory
  /** Of the whole memory; made anew when it grows. */
  view: DataView
  bytes: Uint8Array
  /** Address from which on the next frame may stand, and the room it is in. */
  top = 0
  room: FrameRoom = { start: 0, end: 0 }
  /** Rooms in use, outermost first, and those that were. */
  private readonly rooms: FrameRoom[] = []
  private core: HostCode
  /** Pages that the memory can grow to where it is. */
  private mostPages: number
  /** Everything below is taken: the contract's memory with all it may grow to. */
  private end: number
  /** Something stands behind the contract's memory. */
  extended = false

  /**
   * The host is told how far the memory can grow as a contract has it, alone and with nothing behind it: hosts without guard
   * pages reserve all of it, and 4 GB for each of many memories is more than some of them have. See {@link move}.
   *
   * @param end where the contract's memory would end at its largest
   * @throws what the host throws when it cannot give the memory
   */
  constructor(byteLength: number, end: number) {
    this.mostPages = Math.min(Math.ceil(end / PAGE_BYTES), MAX_PAGES)
    this.memory = newMemory(Math.ceil(byteLength / PAGE_BYTES), this.mostPages)
    this.end = end
    this.core = coreOver(this.memory)
    this.bytes = new Uint8Array(this.memory.buffer)
    this.view = new DataView(this.memory.buffer)
    this.view.setUint32(EXIT, operation('exit'), true)
    this.view.setUint32(DONE_CHARGE, 0, true)
    this.view.setUint32(DONE, operation('done'), true)
  }

  /**
   * Makes room for a contract memory that ends there. @throws what the host throws when it cannot, and RangeError when
   * something stands where it would grow to, which is nothing that the VM's limits allow.
   */
  reachContract(end: number): void {
    if (end > this.end) {
      if (this.extended) throw new RangeError('the memory of a contract has no room in a machine that it shares')
      this.reach(end)
      this.end = end
    } else this.reach(end)
  }

  /** Makes the memory so long at least. @throws what the host throws when it cannot. */
  reach(byteLength: number): void {
    const pages = Math.ceil(byteLength / PAGE_BYTES)
    const missing = pages - this.memory.buffer.byteLength / PAGE_BYTES
    if (missing <= 0) return
    if (pages > this.mostPages) this.move(pages)
    else this.memory.grow(missing)
    this.bytes = new Uint8Array(this.memory.buffer)
    this.view = new DataView(this.memory.buffer)
  }

  /**
   * Goes on in a memory without such a bound, since instances that share the contract's, and executions inside others, have
   * none: the core is never under way while JavaScript runs. No contract of a chain comes here, but modules that are
   * linked to each other do.
   */
  private move(pages: number): void {
    const memory = newMemory(pages, MAX_PAGES)
    const core = coreOver(memory)
    new Uint8Array(memory.buffer).set(this.bytes)
    // A view of the old memory that somebody still has fails from here on, as after any growth: nobody reads what it writes.
    this.memory.grow(0)
    this.memory = memory
    this.core = core
    this.mostPages = MAX_PAGES
  }

  /** Room for something, after all there is. */
  allocate(byteLength: number): number {
    const start = Math.ceil(this.end / 16) * 16
    this.end = start + byteLength
    this.reach(this.end)
    this.extended = true
    return start
  }

  /** The first room for frames. */
  useFrames(room: FrameRoom): void {
    this.rooms.push(room)
    this.room = room
    this.top = room.start
  }

  /** Sees to it that frames of so many bytes have room: an execution that the host starts inside another has its own. */
  makeRoom(byteLength: number): void {
    if (this.room.end - this.top >= byteLength) return
    let next = this.rooms.indexOf(this.room) + 1
    while (next < this.rooms.length && this.rooms[next]!.end - this.rooms[next]!.start < byteLength) next++
    if (next === this.rooms.length) {
      const start = this.allocate(byteLength)
      this.rooms.push({ start, end: start + byteLength })
    }
    this.room = this.rooms[next]!
    this.top = this.room.start
  }

  /** Where the contract's memory lies. */
  setMemory(start: number, size: number): void {
    this.view.setUint32(MEMORY, start, true)
    this.setMemorySize(size)
  }

  setMemorySize(size: number): void {
    this.view.setUint32(MEMORY_SIZE, size % 2 ** 32, true)
    this.view.setUint32(MEMORY_SIZE + 4, size / 2 ** 32, true)
  }

  /** Runs on from a state, with so many bytes of stack at most; why it came back. */
  run(state: MachineState, stackBudget: number): number {
    const { view } = this
    view.setUint32(STACK_BUDGET, stackBudget, true)
    view.setUint32(FRAMES_END, this.room.end, true)
    view.setUint32(PC, state.pc, true)
    view.setUint32(FP, state.fp, true)
    view.setUint32(DEPTH, state.depth, true)
    view.setUint32(FUEL, state.fuel % 2 ** 32, true)
    view.setInt32(FUEL + 4, Math.floor(state.fuel / 2 ** 32), true)
    this.core()
    state.pc = view.getUint32(PC, true)
    state.fp = view.getUint32(FP, true)
    state.depth = view.getUint32(DEPTH, true)
    state.fuel = view.getInt32(FUEL + 4, true) * 2 ** 32 + view.getUint32(FUEL, true)
    return view.getInt32(LEFT, true)
  }
}

/** An execution that is not running. Fuel below 0 is not exact. */
export interface MachineState {
  pc: number
  fp: number
  depth: number
  fuel: number
}
