/** memory.init, memory.copy, memory.fill, table.init, table.copy, table.fill (core specification, 4.4.6 and 4.4.7). */
import { OP } from '../../binary/opcodes.ts'
import { WasmTrap } from '../trap.ts'
import type { ReferenceInstance } from './instance.ts'

const {
  'memory.init': MEMORY_INIT,
  'memory.copy': MEMORY_COPY,
  'memory.fill': MEMORY_FILL,
  'table.init': TABLE_INIT,
  'table.copy': TABLE_COPY,
} = OP

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
    case MEMORY_INIT: {
      // memory.init
      const data = instance.dataBytes(a)
      const memory = instance.linearMemory!
      if (from + count > data.length || to + count > memory.size) throw new WasmTrap('out-of-bounds-memory')
      memory.bytes.set(data.subarray(from, from + count), to)
      return
    }
    case MEMORY_COPY: {
      // memory.copy
      const memory = instance.linearMemory!
      if (from + count > memory.size || to + count > memory.size) throw new WasmTrap('out-of-bounds-memory')
      memory.bytes.copyWithin(to, from, from + count)
      return
    }
    case MEMORY_FILL: {
      // memory.fill
      const memory = instance.linearMemory!
      if (to + count > memory.size) throw new WasmTrap('out-of-bounds-memory')
      memory.bytes.fill(second, to, to + count)
      return
    }
    case TABLE_INIT: {
      // table.init: `a` is the segment, `b` the table
      const segment = instance.elementReferences(a)
      const { elements } = instance.tables[b]!
      if (from + count > segment.length || to + count > elements.length) throw new WasmTrap('out-of-bounds-table')
      for (let i = 0; i < count; i++) elements[to + i] = segment[from + i]!
      return
    }
    case TABLE_COPY: {
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
