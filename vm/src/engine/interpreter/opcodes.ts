/** Numbers of the core's instructions as lowering needs them: one by one, and by opcode of the module. */
import { BINARY, COMPARISONS, LOADS, operation, STORES, UNARY } from './operations.ts'

export const BR = operation('br')
export const BR_NEZ = operation('br_nez')
export const BR_TABLE = operation('br_table')
export const CHARGE = operation('charge')
export const MOV = operation('mov')
export const MOV_DOWN = operation('mov.down')
export const CONST_32 = operation('i32.const')
export const CONST_64 = operation('i64.const')
export const CONST_WIDE = operation('i64.const_wide')
export const SELECT = operation('select')
export const TRAP = operation('trap')
export const OUTSIDE = operation('outside')
export const RETURN = operation('return')
export const RETURN_VALUE = operation('return.value')
export const RETURN_VALUES = operation('return.values')
export const CALL_IMPORT = operation('call.import')
/** Of a plain function, and of one that the rule of the stack counts. */
export const CALL = [operation('call.plain'), operation('call.counted')] as const
export const RETURN_CALL = [operation('return_call.plain'), operation('return_call.counted')] as const
export const CALL_INDIRECT = operation('call_indirect')
export const RETURN_CALL_INDIRECT = operation('return_call_indirect')
export const GLOBAL_GET = operation('global.get')
export const GLOBAL_SET = operation('global.set')
export const MEMORY_SIZE = operation('memory.size')
export const MEMORY_COPY = operation('memory.copy')
export const MEMORY_FILL = operation('memory.fill')
export const EQZ_32 = operation('i32.eqz')

/** By opcode; -1 where an instruction is lowered in a way of its own. */
export const OF_OPCODE = Int16Array.from({ length: 256 }, () => -1)
/** The same with a constant as the second operand. */
export const WITH_CONSTANT = Int16Array.from({ length: 256 }, () => -1)
/** Opcode that does the same with its operands the other way round; 0 where there is none. */
export const TURNED = new Uint8Array(256)

const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'mul', 'and', 'or', 'xor'])
const TURNED_COMPARISONS: Readonly<Record<string, string>> = {
  ...{ eq: 'eq', ne: 'ne', lt_s: 'gt_s', lt_u: 'gt_u', gt_s: 'lt_s', gt_u: 'lt_u' },
  ...{ le_s: 'ge_s', le_u: 'ge_u', ge_s: 'le_s', ge_u: 'le_u' },
}

for (const [type, firstBinary, firstComparison] of [
  ['i32', 0x6a, 0x46],
  ['i64', 0x7c, 0x51],
] as const) {
  for (const [i, name] of BINARY.entries()) {
    OF_OPCODE[firstBinary + i] = operation(`${type}.${name}.rr`)
    WITH_CONSTANT[firstBinary + i] = operation(`${type}.${name}.ri`)
    if (COMMUTATIVE.has(name)) TURNED[firstBinary + i] = firstBinary + i
  }
  for (const [i, name] of COMPARISONS.entries()) {
    OF_OPCODE[firstComparison + i] = operation(`${type}.${name}.rr`)
    WITH_CONSTANT[firstComparison + i] = operation(`${type}.${name}.ri`)
    TURNED[firstComparison + i] = firstComparison + COMPARISONS.indexOf(TURNED_COMPARISONS[name]!)
  }
}
for (const list of [UNARY, LOADS, STORES]) {
  for (const [opcode, name] of list) OF_OPCODE[opcode] = operation(name)
}
