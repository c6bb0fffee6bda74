/** memory.init, memory.copy, memory.fill, table.init, table.copy, table.fill (core specification, 4.4.6 and 4.4.7). */
import { WasmTrap } from '../trap.ts'
import type { ReferenceInstance } from './instance.ts'

/** The three operands are in cells `sp` to `sp + 2`; `a` and `b` are the instruction's immediates. */
export function executeBulk(
  instance: ReferenceInstance,
  op: number,
  a: number,
  b: number,
  low: Int32Array,
  sp: number,
): void {
  const to = low[sp]! >>> 0
  const second = low[sp + 1]!
  const from = second >>> 0
  const count = low[sp + 2]! >>> 0
  switch (op) {
    case 0xe8: {
      // memory.init
      const data = instance.dataBytes(a)
      const memory = instance.linearMemory!
      if (from + count > data.length || to + count > memory.size) throw new WasmTrap('out-of-bounds-memory')
      memory.bytes.set(data.subarray(from, from + count), to)
      return
    }
    case 0xea: {
      // memory.copy
      const memory = instance.linearMemory!
      if (from + count > memory.size || to + count > memory.size) throw new WasmTrap('out-of-bounds-memory')
      memory.bytes.copyWithin(to, from, from + count)
      return
    }
    case 0xeb: {
      // memory.fill
      const memory = instance.linearMemory!
      if (to + count > memory.size) throw new WasmTrap('out-of-bounds-memory')
      memory.bytes.fill(second, to, to + count)
      return
    }
    case 0xec: {
      // table.init: `a` is the segment, `b` the table
      const segment = instance.elementReferences(a)
      const { elements } = instance.tables[b]!
      if (from + count > segment.length || to + count > elements.length) throw new WasmTrap('out-of-bounds-table')
      for (let i = 0; i < count; i++) elements[to + i] = segment[from + i]!
      return
    }
    case 0xee: {
      // table.copy: `a` is the destination, `b` the source
      const target = instance.tables[a]!.elements
      const source = instance.tables[b]!.elements
      if (from + count > source.length || to + count > target.length) throw new WasmTrap('out-of-bounds-table')
      const copied = source.slice(from, from + count)
      for (let i = 0; i < count; i++) target[to + i] = copied[i]!
      return
    }
    default: {
      // table.fill: index, value, count
      const { elements } = instance.tables[a]!
      if (to + count > elements.length) throw new WasmTrap('out-of-bounds-table')
      elements.fill(instance.referenceOf(second), to, to + count)
    }
  }
}
