/** The types of values in fuzzed programs, and what their bits mean. */

export const INTEGERS = ['i8', 'i16', 'i32', 'i64', 'isize', 'u8', 'u16', 'u32', 'u64', 'usize'] as const
export type Integer = (typeof INTEGERS)[number]
/** Types whose values WebAssembly has itself. */
export type Native = Integer | 'bool'
export type ValueType = Native | 'U256' | 'I256'

const BITS: Readonly<Record<ValueType, number>> = {
  bool: 1,
  i8: 8,
  u8: 8,
  i16: 16,
  u16: 16,
  i32: 32,
  u32: 32,
  isize: 32,
  usize: 32,
  i64: 64,
  u64: 64,
  U256: 256,
  I256: 256,
}

export function bitsOf(type: ValueType): number {
  return BITS[type]
}

export function isSigned(type: ValueType): boolean {
  return type.startsWith('i') || type === 'I256'
}

export function isWide(type: ValueType): type is 'U256' | 'I256' {
  return type === 'U256' || type === 'I256'
}

/** The value of a type with the lowest bits of `value`; of a bool, whether it is not zero. */
export function wrap(type: ValueType, value: bigint): bigint {
  if (type === 'bool') return value === 0n ? 0n : 1n
  return isSigned(type) ? BigInt.asIntN(BITS[type], value) : BigInt.asUintN(BITS[type], value)
}

export function fits(type: ValueType, value: bigint): boolean {
  return type === 'bool' ? value === 0n || value === 1n : wrap(type, value) === value
}

/** Whether AssemblyScript converts a value of `from` to `to` without a cast. */
export function widens(from: Native, to: Native): boolean {
  return BITS[from] <= BITS[to]
}
