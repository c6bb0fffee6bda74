/** From type annotations in the source to Solidity's types, and their canonical names. */

import type { TypeNode } from './compiler.ts'
import type { AbiType, StorageType, StructModel } from './model.ts'

const INTEGERS: Readonly<Record<string, readonly [string, number]>> = {
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

const ALLOWED =
  'allowed: bool, u8 to u64, i8 to i64, U256, I256, Address, Bytes1 to Bytes32, Bytes, string, T[], and classes marked @struct'

/** What a name can stand for besides the SDK's types. */
export interface TypeScope {
  /** The struct, null for a name that is none, or a sentence that says what is wrong with it. */
  struct(name: string): StructModel | string | null
  alias(name: string): TypeNode | null
}

/** The ABI type of an annotation, or a sentence that says what is wrong with it. */
export function abiTypeOf(node: TypeNode, scope: TypeScope): AbiType | string {
  const type = storageTypeOf(node, scope)
  if (typeof type === 'string') return type
  if (type.kind === 'mapping' || type.kind === 'storageArray') return `storage cannot leave the contract; ${ALLOWED}`
  return type
}

/** The type of a contract's field, or a sentence that says what is wrong with it. */
export function storageTypeOf(node: TypeNode, scope: TypeScope): StorageType | string {
  const name = node.name?.identifier.text
  if (name === undefined || node.name?.next) return `this type has no Solidity counterpart; ${ALLOWED}`
  if (node.isNullable) return 'values of contracts cannot be null; use a zero value'
  const typeArguments = node.typeArguments ?? []
  const integer = Object.hasOwn(INTEGERS, name) ? INTEGERS[name] : undefined
  if (integer !== undefined) return { kind: 'value', solidity: integer[0], width: integer[1] }
  const fixed = /^Bytes([1-9]|[12][0-9]|3[0-2])$/.exec(name)
  if (fixed !== null) return { kind: 'value', solidity: `bytes${fixed[1]}`, width: Number(fixed[1]) }
  if (name === 'string') return { kind: 'string' }
  if (name === 'Bytes') return { kind: 'bytes' }
  const [first, second] = typeArguments
  if (name === 'Indexed' && first !== undefined) return storageTypeOf(first, scope)
  if (name === 'Array' && first !== undefined) {
    const element = abiTypeOf(first, scope)
    return typeof element === 'string' ? element : { kind: 'array', element }
  }
  if (name === 'StorageArray' && first !== undefined) {
    const element = storageTypeOf(first, scope)
    if (typeof element === 'string') return element
    return isStorable(element) ? { kind: 'storageArray', element } : NOT_STORABLE
  }
  if (name === 'Mapping' && first !== undefined && second !== undefined) {
    const key = abiTypeOf(first, scope)
    if (typeof key === 'string') return key
    if (key.kind === 'array' || key.kind === 'struct') return 'the key of a mapping is a value type, string or Bytes'
    const value = storageTypeOf(second, scope)
    if (typeof value === 'string') return value
    return isStorable(value) ? { kind: 'mapping', key, value } : NOT_STORABLE
  }
  const alias = scope.alias(name)
  if (alias !== null) return storageTypeOf(alias, scope)
  const struct = scope.struct(name)
  if (typeof struct === 'string') return struct
  if (struct !== null) return { kind: 'struct', struct }
  return `type '${name}' has no Solidity counterpart; ${ALLOWED}`
}

export const NOT_STORABLE = 'T[] lives in memory; in storage use StorageArray<T>'

/** Whether a value of the type can be kept in storage. */
export function isStorable(type: StorageType): boolean {
  if (type.kind === 'array') return false
  return type.kind !== 'struct' || type.struct.members.every((member) => isStorable(member.type))
}

/** The name that goes into signatures and the JSON ABI: tuples in brackets. */
export function canonicalName(type: AbiType): string {
  switch (type.kind) {
    case 'value':
      return type.solidity
    case 'array':
      return `${canonicalName(type.element)}[]`
    case 'struct':
      return `(${type.struct.members.map((member) => canonicalName(member.type)).join(',')})`
    default:
      return type.kind
  }
}

export function signatureOf(name: string, types: readonly AbiType[]): string {
  return `${name}(${types.map(canonicalName).join(',')})`
}
