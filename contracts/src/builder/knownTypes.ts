/** Names of types that the build understands: those of the language and of the SDK. An author cannot give them to others. */

/** Value types: Solidity's name, and the bytes it takes in a packed storage slot. */
const VALUES: Readonly<Record<string, readonly [string, number]>> = {
  bool: ['bool', 1],
  u8: ['uint8', 1],
  u16: ['uint16', 2],
  u32: ['uint32', 4],
  u64: ['uint64', 8],
  i8: ['int8', 1],
  i16: ['int16', 2],
  i32: ['int32', 4],
  i64: ['int64', 8],
  U256: ['uint256', 32],
  I256: ['int256', 32],
  Address: ['address', 20],
}

const FIXED_BYTES = /^Bytes([1-9]|[12][0-9]|3[0-2])$/

const OTHERS = ['string', 'Bytes', 'Indexed', 'Array', 'StorageArray', 'FixedArray', 'Mapping']

/** Not in an ABI, but the build or the compiler takes them by name. */
const RESERVED = [
  'String',
  'Error',
  'void',
  'auto',
  'boolean',
  'usize',
  'isize',
  'f32',
  'f64',
  'v128',
  'StaticArray',
  'Bases',
]

/** Those that an author may have meant by a name that is none: of the fixed bytes the ones that are in use. */
export const typeNames: readonly string[] = [...Object.keys(VALUES), ...OTHERS, 'Bytes4', 'Bytes20', 'Bytes32']

export function valueTypeOf(name: string): { readonly solidity: string; readonly width: number } | null {
  const value = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined
  if (value !== undefined) return { solidity: value[0], width: value[1] }
  const size = FIXED_BYTES.exec(name)?.[1]
  return size === undefined ? null : { solidity: `bytes${size}`, width: Number(size) }
}

/** Whether a declaration may not have the name. */
export function isReservedName(name: string): boolean {
  return valueTypeOf(name) !== null || OTHERS.includes(name) || RESERVED.includes(name)
}
