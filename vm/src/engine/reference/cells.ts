/** The cells of the interpreter: values moved, addresses checked, arrays made wider. */
import { WasmTrap } from '../trap.ts'

/** Moves the topmost `count` values down to cell `to`; the new stack pointer. */
export function moveValues(low: Int32Array, high: Int32Array, sp: number, to: number, count: number): number {
  const from = sp - count
  if (from !== to) {
    for (let i = 0; i < count; i++) {
      low[to + i] = low[from + i]!
      high[to + i] = high[from + i]!
    }
  }
  return to + count
}

/** @throws WasmTrap when the `width` bytes there are not all inside the memory. */
export function effectiveAddress(index: number, offset: number, width: number, size: number): number {
  const address = (index >>> 0) + (offset >>> 0)
  if (address + width > size) throw new WasmTrap('out-of-bounds-memory')
  return address
}

export function widen(cells: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(capacity)
  wider.set(cells)
  return wider
}
