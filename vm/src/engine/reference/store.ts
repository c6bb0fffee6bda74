/**
 * The store: objects that instances own and may share: memories, tables, globals and functions (core specification, 4.2).
 */

import type { FunctionType, ValueType } from '../../binary/types.ts'
import { PAGE_BYTES } from '../../limits.ts'
import type { Extern, FunctionReference, HostFunction, Memory } from '../engine.ts'
import { checkMemoryRange } from '../memoryRange.ts'
import type { ReferenceInstance } from './instance.ts'

/**
 * A linear memory. Capacity doubles as it grows, so that growing page by page costs no more than the pages; bytes past
 * `size` are zero.
 */
export class ReferenceMemory implements Memory, Extern {
  readonly kind = 'memory'
  /** The whole capacity: engines must check against `size`. */
  bytes: Uint8Array
  view: DataView
  size: number
  readonly declaredMax: number | null
  readonly #maxPages: number

  /** Sizes in pages; `limit` is the VM's, whatever the module declares. */
  constructor(min: number, declaredMax: number | null, limit: number) {
    this.declaredMax = declaredMax
    this.#maxPages = Math.min(declaredMax ?? limit, limit)
    this.size = min * PAGE_BYTES
    this.bytes = new Uint8Array(this.size)
    this.view = new DataView(this.bytes.buffer)
  }

  get pages(): number {
    return this.size / PAGE_BYTES
  }

  canGrow(pages: number): boolean {
    return this.pages + pages <= this.#maxPages
  }

  grow(pages: number): number {
    if (!Number.isInteger(pages) || pages < 0 || !this.canGrow(pages)) return -1
    const before = this.pages
    const size = (before + pages) * PAGE_BYTES
    if (size > this.bytes.length) {
      const capacity = Math.min(Math.max(size, this.bytes.length * 2), this.#maxPages * PAGE_BYTES)
      const wider = new Uint8Array(capacity)
      wider.set(this.bytes)
      this.bytes = wider
      this.view = new DataView(wider.buffer)
    }
    this.size = size
    return before
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

export class ReferenceTable implements Extern {
  readonly kind = 'table'
  readonly elements: (FunctionReference | null)[]
  readonly declaredMax: number | null
  readonly max: number

  constructor(min: number, declaredMax: number | null, limit: number) {
    this.declaredMax = declaredMax
    this.max = Math.min(declaredMax ?? limit, limit)
    this.elements = new Array<FunctionReference | null>(min).fill(null)
  }

  canGrow(count: number): boolean {
    return this.elements.length + count <= this.max
  }

  /** The size before, or -1 past the limit. */
  grow(count: number, value: FunctionReference | null): number {
    const before = this.elements.length
    if (!this.canGrow(count)) return -1
    for (let i = 0; i < count; i++) this.elements.push(value)
    return before
  }
}

/** A global: numbers as two 32-bit halves, references apart. */
export class ReferenceGlobal implements Extern {
  readonly kind = 'global'
  readonly type: ValueType
  readonly mutable: boolean
  low = 0
  high = 0
  reference: FunctionReference | null = null

  constructor(type: ValueType, mutable: boolean) {
    this.type = type
    this.mutable = mutable
  }
}

/** A function defined by a module, closed over its instance. */
export class WasmFunction implements FunctionReference, Extern {
  readonly kind = 'function'
  readonly type: FunctionType
  readonly instance: ReferenceInstance
  /** Index in the function index space of `instance`. */
  readonly index: number

  constructor(type: FunctionType, instance: ReferenceInstance, index: number) {
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

  constructor(type: FunctionType, call: HostFunction['call']) {
    this.type = type
    this.call = call
  }
}

export type ReferenceFunction = WasmFunction | HostFunctionReference

export function isReferenceFunction(value: unknown): value is ReferenceFunction {
  return value instanceof WasmFunction || value instanceof HostFunctionReference
}
