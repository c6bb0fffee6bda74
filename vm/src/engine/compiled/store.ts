/** The store: objects that instances of the compiled engine own and may share, and the counters of what runs now. */
import type { FunctionType, ValueType } from '../../binary/types.ts'
import { PAGE_BYTES } from '../../limits.ts'
import {
  type Extern,
  type FunctionReference,
  type HostContext,
  type HostFunction,
  HostTrap,
  type Memory,
} from '../engine.ts'
import { type HostCode, type HostGlobal, type HostMemory, type HostTable, hostWebAssembly } from '../hostWebAssembly.ts'
import { checkMemoryRange } from '../memoryRange.ts'

/** Fuel left of what runs now: there is one execution at a time in a thread, and all instances import this global. */
export const fuelCounter = new hostWebAssembly.Global({ value: 'i64', mutable: true }, 0n)
/** Stack bytes left for a function that is entered now. */
export const stackCounter = new hostWebAssembly.Global({ value: 'i32', mutable: true }, 0)

/** Why code put in by the rewriter trapped (codeWriter.ts); 0 when nothing did since it was last read. */
export const reasonOfTrap = new hostWebAssembly.Global({ value: 'i32', mutable: true }, 0)

/** Number of the instance that runs, where instances share tables. */
export const insideCounter = new hostWebAssembly.Global({ value: 'i32', mutable: true }, 0)
/** Calls from one instance to another that are under way. */
export const crossingsCounter = new hostWebAssembly.Global({ value: 'i32', mutable: true }, 0)

/** The imports of every rewritten module after its own; one that shares no tables takes the first three. */
export const COUNTER_IMPORTS = [fuelCounter, stackCounter, reasonOfTrap, insideCounter, crossingsCounter]

export function fuelNow(): bigint {
  return fuelCounter.value as bigint
}

/** A linear memory. */
export class CompiledMemory implements Memory, Extern {
  readonly kind = 'memory'
  readonly host: HostMemory
  readonly declaredMax: number | null
  readonly #maxPages: number
  #view: Uint8Array

  /** `maxPages` is what the memory may grow to in fact. */
  constructor(host: HostMemory, declaredMax: number | null, maxPages: number) {
    this.host = host
    this.declaredMax = declaredMax
    this.#maxPages = maxPages
    this.#view = new Uint8Array(host.buffer)
  }

  /** The bytes as they are now; growing takes them away. */
  get bytes(): Uint8Array {
    if (this.#view.length === 0) this.#view = new Uint8Array(this.host.buffer)
    return this.#view
  }

  get size(): number {
    return this.bytes.length
  }

  get pages(): number {
    return this.size / PAGE_BYTES
  }

  grow(pages: number): number {
    if (!Number.isInteger(pages) || pages < 0 || this.pages + pages > this.#maxPages) return -1
    return this.host.grow(pages)
  }

  read(offset: number, length: number): Uint8Array {
    checkMemoryRange(offset, length, this.size)
    return this.bytes.slice(offset, offset + length)
  }

  write(offset: number, bytes: Uint8Array): void {
    checkMemoryRange(offset, bytes.length, this.size)
    this.bytes.set(bytes, offset)
  }
}

export class CompiledTable implements Extern {
  readonly kind = 'table'
  readonly host: HostTable
  readonly declaredMax: number | null

  constructor(host: HostTable, declaredMax: number | null) {
    this.host = host
    this.declaredMax = declaredMax
  }
}

export class CompiledGlobal implements Extern {
  readonly kind = 'global'
  readonly host: HostGlobal
  readonly type: ValueType
  readonly mutable: boolean

  constructor(host: HostGlobal, type: ValueType, mutable: boolean) {
    this.host = host
    this.type = type
    this.mutable = mutable
  }
}

/** A function: of an instance, or of the host. At least one of `entry`, `inTables` and `call` is there. */
export class CompiledFunction implements FunctionReference, Extern {
  readonly kind = 'function'
  readonly type: FunctionType
  /** Enters it on the counters in the globals, with the arguments of its type. */
  readonly entry: HostCode | null
  /** As it stands in tables, with the counters as parameters. */
  inTables: HostCode | null
  /** A function of the host. */
  readonly call: HostFunction['call'] | null
  /** Number of the instance that `entry` enters. */
  readonly identity: number

  constructor(
    type: FunctionType,
    code: {
      readonly entry?: HostCode | null
      readonly inTables?: HostCode | null
      readonly call?: HostFunction['call'] | null
      readonly identity?: number
    },
  ) {
    this.type = type
    this.identity = code.identity ?? 0
    this.entry = code.entry ?? null
    this.inTables = code.inTables ?? null
    this.call = code.call ?? null
  }
}

/**
 * The view of host functions on the instance that called them. Fuel is that of the running code, whichever instance got it.
 */
export class CallerContext implements HostContext {
  readonly memory: Memory | null

  constructor(memory: Memory | null) {
    this.memory = memory
  }

  fuelLeft(): bigint {
    return fuelNow()
  }

  chargeFuel(fuel: bigint): void {
    if (fuel < 0n) throw new RangeError('a host function charged a negative amount of fuel')
    const left = fuelNow()
    if (fuel > left) throw new HostTrap('out-of-gas', 'a host function costs more than is left')
    fuelCounter.value = left - fuel
  }
}
