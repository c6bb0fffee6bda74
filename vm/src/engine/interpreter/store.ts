/**
 * The store: objects that instances own and may share: memories, tables, globals and functions (core specification, 4.2).
 */
import type { FunctionType, ValueType } from '../../binary/types.ts'
import { PAGE_BYTES } from '../../limits.ts'
import type { Extern, FunctionReference, HostFunction, Memory } from '../engine.ts'
import { checkMemoryRange } from '../memoryRange.ts'
import type { InterpreterInstance } from './instance.ts'
import type { LoadedModule } from './loadedModule.ts'
import type { Machine } from './machine.ts'

/** The memory of a contract: what lies in its machine from `start` on. */
export class InterpreterMemory implements Memory, Extern {
  readonly kind = 'memory'
  readonly machine: Machine
  readonly start: number
  readonly declaredMax: number | null
  readonly maxPages: number
  size: number

  /** Sizes in pages; the machine is so large already. */
  constructor(machine: Machine, start: number, min: number, declaredMax: number | null, maxPages: number) {
    this.machine = machine
    this.start = start
    this.declaredMax = declaredMax
    this.maxPages = maxPages
    this.size = min * PAGE_BYTES
    machine.setMemory(start, this.size)
  }

  get pages(): number {
    return this.size / PAGE_BYTES
  }

  canGrow(pages: number): boolean {
    return this.pages + pages <= this.maxPages
  }

  /** @throws RangeError when the host cannot give what the module may have. */
  grow(pages: number): number {
    if (!Number.isInteger(pages) || pages < 0 || !this.canGrow(pages)) return -1
    const before = this.pages
    const size = (before + pages) * PAGE_BYTES
    this.machine.reachContract(this.start + size)
    this.size = size
    this.machine.setMemorySize(size)
    return before
  }

  read(offset: number, length: number): Uint8Array {
    checkMemoryRange(offset, length, this.size)
    return this.machine.bytes.slice(this.start + offset, this.start + offset + length)
  }

  write(offset: number, bytes: Uint8Array): void {
    checkMemoryRange(offset, bytes.length, this.size)
    this.machine.bytes.set(bytes, this.start + offset)
  }
}

/** Where a table lies in a machine: its length, and its elements as the instance there writes them. */
interface TableCopy {
  readonly loaded: LoadedModule
  readonly address: number
}

/**
 * A table. Every instance that has it has a copy in its machine, which calls read; every change goes through here
 * and changes all of them. That of the instance that made it counts.
 */
export class InterpreterTable implements Extern {
  readonly kind = 'table'
  readonly declaredMax: number | null
  readonly max: number
  length: number
  readonly #copies: TableCopy[] = []

  constructor(min: number, declaredMax: number | null, limit: number) {
    this.declaredMax = declaredMax
    this.max = Math.min(declaredMax ?? limit, limit)
    this.length = min
  }

  /** Gives an instance its copy. */
  attach(loaded: LoadedModule, address: number): void {
    const { view } = loaded.machine
    view.setUint32(address, this.length, true)
    const known = this.#copies.length > 0
    for (let i = 0; i < this.length; i++) {
      view.setUint32(address + 4 + i * 4, known ? loaded.instance.cellOf(this.get(i)) : 0, true)
    }
    this.#copies.push({ loaded, address })
  }

  get(index: number): FunctionReference | null {
    const { loaded, address } = this.#copies[0]!
    return loaded.instance.referenceOf(loaded.machine.view.getUint32(address + 4 + index * 4, true))
  }

  set(index: number, value: FunctionReference | null): void {
    for (const { loaded, address } of this.#copies) {
      loaded.machine.view.setUint32(address + 4 + index * 4, loaded.instance.cellOf(value), true)
    }
  }

  canGrow(count: number): boolean {
    return this.length + count <= this.max
  }

  /** The length before, or -1 past the limit. */
  grow(count: number, value: FunctionReference | null): number {
    if (!this.canGrow(count)) return -1
    const before = this.length
    this.length += count
    for (const { loaded, address } of this.#copies) loaded.machine.view.setUint32(address, this.length, true)
    for (let i = before; i < this.length; i++) this.set(i, value)
    return before
  }
}

/** A global, which lies in the machine of the instance that made it. */
export class InterpreterGlobal implements Extern {
  readonly kind = 'global'
  readonly type: ValueType
  readonly mutable: boolean
  readonly loaded: LoadedModule
  readonly address: number

  constructor(type: ValueType, mutable: boolean, loaded: LoadedModule, address: number) {
    this.type = type
    this.mutable = mutable
    this.loaded = loaded
    this.address = address
  }

  /** Its bits, of a global that holds a number. */
  get bits(): bigint {
    return this.loaded.machine.view.getBigInt64(this.address, true)
  }

  set bits(bits: bigint) {
    this.loaded.machine.view.setBigInt64(this.address, bits, true)
  }

  get reference(): FunctionReference | null {
    return this.loaded.instance.referenceOf(this.loaded.machine.view.getUint32(this.address, true))
  }

  set reference(reference: FunctionReference | null) {
    this.bits = BigInt(this.loaded.instance.cellOf(reference))
  }
}

/** A function defined by a module, closed over its instance. */
export class WasmFunction implements FunctionReference, Extern {
  readonly kind = 'function'
  readonly type: FunctionType
  readonly instance: InterpreterInstance
  /** Index in the function index space of `instance`. */
  readonly index: number

  constructor(type: FunctionType, instance: InterpreterInstance, index: number) {
    this.type = type
    this.instance = instance
    this.index = index
  }
}

/** A function of the host as an instance imports it. */
export class HostFunctionReference implements FunctionReference, Extern {
  readonly kind = 'function'
  readonly type: FunctionType
  readonly call: HostFunction['call']

  constructor({ type, call }: HostFunction) {
    this.type = type
    this.call = call
  }
}

export type InterpreterFunction = WasmFunction | HostFunctionReference

export function isInterpreterFunction(value: unknown): value is InterpreterFunction {
  return value instanceof WasmFunction || value instanceof HostFunctionReference
}
