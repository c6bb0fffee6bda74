/** Instructions that the core leaves to JavaScript: what grows, tables and segments, and globals of other machines. */
import { OP } from '../../binary/opcodes.ts'
import { WasmTrap } from '../trap.ts'
import type { InterpreterInstance } from './instance.ts'
import { SLOT } from './lowerOperands.ts'
import type { MachineState } from './machine.ts'

const {
  'global.get': GLOBAL_GET,
  'global.set': GLOBAL_SET,
  'table.get': TABLE_GET,
  'table.set': TABLE_SET,
  'memory.grow': MEMORY_GROW,
  'memory.init': MEMORY_INIT,
  'data.drop': DATA_DROP,
  'table.init': TABLE_INIT,
  'elem.drop': ELEM_DROP,
  'table.copy': TABLE_COPY,
  'table.grow': TABLE_GROW,
  'table.fill': TABLE_FILL,
} = OP

/** Executes the instruction before `state.pc`: its words are its opcode, two immediates, its operands, and fuel per unit. */
export function executeOutside(instance: InterpreterInstance, state: MachineState): void {
  const { view } = instance.loaded.machine
  const [op, a, b] = [20, 16, 12].map((back) => view.getUint32(state.pc - back, true)) as [number, number, number]
  const base = state.fp + view.getUint32(state.pc - 8, true)
  const price = view.getUint32(state.pc - 4, true)
  const operand = (i: number): number => view.getUint32(base + i * SLOT, true)
  const pay = (units: number): void => {
    state.fuel -= units * price
    if (state.fuel < 0) throw new WasmTrap('out-of-gas')
  }
  const result = (value: number): void => instance.loaded.machine.view.setInt32(base, value, true)
  const { tables, globals, memory } = instance.loaded
  switch (op) {
    case GLOBAL_GET:
      if (globals[a]!.type === 'funcref') result(instance.cellOf(globals[a]!.reference))
      else view.setBigInt64(base, globals[a]!.bits, true)
      return
    case GLOBAL_SET:
      if (globals[a]!.type === 'funcref') globals[a]!.reference = instance.referenceOf(operand(0))
      else globals[a]!.bits = view.getBigInt64(base, true)
      return
    case MEMORY_GROW: {
      const pages = operand(0)
      if (!memory!.canGrow(pages)) {
        result(-1)
        return
      }
      pay(pages)
      result(memory!.grow(pages))
      return
    }
    case TABLE_GET:
      if (operand(0) >= tables[a]!.length) throw new WasmTrap('out-of-bounds-table')
      result(instance.cellOf(tables[a]!.get(operand(0))))
      return
    case TABLE_SET:
      if (operand(0) >= tables[a]!.length) throw new WasmTrap('out-of-bounds-table')
      tables[a]!.set(operand(0), instance.referenceOf(operand(1)))
      return
    case TABLE_GROW: {
      const count = operand(1)
      if (!tables[a]!.canGrow(count)) {
        result(-1)
        return
      }
      pay(count)
      result(tables[a]!.grow(count, instance.referenceOf(operand(0))))
      return
    }
    case DATA_DROP:
      instance.droppedData[a] = 1
      return
    case ELEM_DROP:
      instance.droppedElements[a] = 1
      return
  }
  pay(operand(2))
  bulk(instance, op, a, b, operand(0), operand(1), operand(2))
}

/** memory.init, table.init, table.copy and table.fill; the others are the core's. */
function bulk(
  instance: InterpreterInstance,
  op: number,
  a: number,
  b: number,
  to: number,
  second: number,
  count: number,
): void {
  const { tables, memory, machine } = instance.loaded
  switch (op) {
    case MEMORY_INIT: {
      const data = instance.dataBytes(a)
      if (second + count > data.length || to + count > memory!.size) throw new WasmTrap('out-of-bounds-memory')
      machine.bytes.set(data.subarray(second, second + count), memory!.start + to)
      return
    }
    case TABLE_INIT: {
      const segment = instance.elementReferences(a)
      const table = tables[b]!
      if (second + count > segment.length || to + count > table.length) throw new WasmTrap('out-of-bounds-table')
      for (let i = 0; i < count; i++) table.set(to + i, segment[second + i]!)
      return
    }
    case TABLE_COPY: {
      const [target, source] = [tables[a]!, tables[b]!]
      if (second + count > source.length || to + count > target.length) throw new WasmTrap('out-of-bounds-table')
      const copied = Array.from({ length: count }, (_, i) => source.get(second + i))
      for (let i = 0; i < count; i++) target.set(to + i, copied[i]!)
      return
    }
    case TABLE_FILL: {
      const table = tables[a]!
      if (to + count > table.length) throw new WasmTrap('out-of-bounds-table')
      const value = instance.referenceOf(second)
      for (let i = 0; i < count; i++) table.set(to + i, value)
      return
    }
    default:
      throw new Error(`nobody executes op 0x${op.toString(16)} outside of the core`)
  }
}
