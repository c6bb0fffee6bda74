/** From type annotations in the source to Solidity's types, and their canonical names. */

import { closest } from './closest.ts'
import type { ClassNode, TypeNode } from './compiler.ts'
import { isReservedName, typeNames, valueTypeOf } from './knownTypes.ts'
import type { AbiType, StorageType, StoredStructModel, StructModel } from './model.ts'
import type { Meaning, Scope } from './names.ts'
import { LENGTH_PREFIX, MAX_FIXED_LENGTH } from './sdk.ts'

const ALLOWED =
  'allowed: bool, u8 to u64, i8 to i64, U256, I256, Address, Bytes1 to Bytes32, Bytes, string, T[], FixedArray<T, N>, and classes marked @struct'

/** The meaning of names in annotations. */
export interface TypeNames {
  meaning(scope: Scope, node: TypeNode): Meaning
  /** The struct, null for a class that is none, or a sentence that says what is wrong with it. */
  struct(node: ClassNode): StructModel | StoredStructModel | string | null
}

/** The ABI type of an annotation written in `scope`, or a sentence that says what is wrong with it. */
export function abiTypeOf(
  node: TypeNode,
  scope: Scope,
  names: TypeNames,
  open: readonly TypeNode[] = [],
): AbiType | string {
  const type = storageTypeOf(node, scope, names, open)
  if (typeof type === 'string') return type
  if (type.kind === 'mapping' || type.kind === 'storageArray') return `storage cannot leave the contract; ${ALLOWED}`
  if (type.kind === 'storedStruct') {
    return `${type.struct.name} has a mapping or an array in storage, so it cannot leave the contract; pass its members`
  }
  return type
}

/**
 * The type of a contract's field, or a sentence that says what is wrong with it. `open` are the aliases on the way here.
 */
export function storageTypeOf(
  node: TypeNode,
  scope: Scope,
  names: TypeNames,
  open: readonly TypeNode[] = [],
): StorageType | string {
  if (node.name === undefined) return `this type has no Solidity counterpart; ${ALLOWED}`
  if (node.isNullable) return 'values of contracts cannot be null; use a zero value'
  const meaning = names.meaning(scope, node)
  const written = writtenName(node)
  if (meaning.kind === 'alias') {
    const { type } = meaning.node
    if (open.includes(type)) return `type '${written}' is an alias of itself`
    return storageTypeOf(type, meaning.scope, names, [...open, type])
  }
  if (meaning.kind === 'class') {
    const struct = names.struct(meaning.node)
    if (typeof struct === 'string') return struct
    if (struct?.kind === 'struct' && wordsOf({ kind: 'struct', struct }) > MAX_WORDS) {
      return `${struct.name} has more than ${MAX_WORDS} words of 32 bytes; use a StorageArray`
    }
    if (struct !== null) return struct.kind === 'stored' ? { kind: 'storedStruct', struct } : { kind: 'struct', struct }
  }
  if (written === '') return 'a type is missing here, such as U256'
  if (meaning.kind !== 'known') return noCounterpart(written)
  return knownTypeOf(meaning.name, node, scope, names, open)
}

function knownTypeOf(
  name: string,
  node: TypeNode,
  scope: Scope,
  names: TypeNames,
  open: readonly TypeNode[],
): StorageType | string {
  const value = valueTypeOf(name)
  if (value !== null) return { kind: 'value', ...value }
  if (name === 'string') return { kind: 'string' }
  if (name === 'Bytes') return { kind: 'bytes' }
  const [first, second] = node.typeArguments ?? []
  if (name === 'Indexed' && first !== undefined) return storageTypeOf(first, scope, names, open)
  if (name === 'Array' && first !== undefined) {
    const element = abiTypeOf(first, scope, names, open)
    return typeof element === 'string' ? element : { kind: 'array', element }
  }
  if (name === 'FixedArray') return fixedArrayOf(node, scope, names, open)
  if (name === 'StorageArray' && first !== undefined) {
    const element = storageTypeOf(first, scope, names, open)
    if (typeof element === 'string') return element
    return isStorable(element) ? { kind: 'storageArray', element } : notStorable(element)
  }
  if (name === 'Mapping' && first !== undefined && second !== undefined) {
    const key = abiTypeOf(first, scope, names, open)
    if (typeof key === 'string') return key
    if (key.kind === 'array' || key.kind === 'fixedArray' || key.kind === 'struct')
      return 'the key of a mapping is a value type, string or Bytes'
    const value = storageTypeOf(second, scope, names, open)
    if (typeof value === 'string') return value
    return isStorable(value) ? { kind: 'mapping', key, value } : notStorable(value)
  }
  if (name === 'Mapping') return 'a mapping names the types of its keys and of its values: Mapping<Address, U256>'
  if (name === 'StorageArray') return 'an array names the type of its elements: StorageArray<U256>'
  const written = writtenName(node)
  const near = isReservedName(name) ? null : closest(name, typeNames)
  return near === null ? noCounterpart(written) : `there is no type '${written}'; did you mean ${near}?`
}

function noCounterpart(written: string): string {
  return `type '${written}' has no Solidity counterpart; ${ALLOWED}`
}

/** Words of the encoding of a value, those of strings and arrays of any length apart: half of a call's memory. */
const MAX_WORDS = 262_144

export const LENGTHS = `the length of an array is a number from 1 to ${MAX_FIXED_LENGTH}, in digits: FixedArray<U256, 3>`

/** Whether a type's argument is a number, which the parser has made a name of. */
export function isNumber({ name }: TypeNode): boolean {
  return name?.next === null && new RegExp(`^${LENGTH_PREFIX}\\d`).test(name.identifier.text)
}

/** The length that an argument of a type says; null when it is none. */
export function lengthOf(node: TypeNode): number | null {
  const digits = isNumber(node) ? (node.name?.identifier.text.slice(LENGTH_PREFIX.length) ?? '') : ''
  const length = /^[1-9]\d*$/.test(digits) ? Number(digits) : 0
  return length >= 1 && length <= MAX_FIXED_LENGTH ? length : null
}

function fixedArrayOf(node: TypeNode, scope: Scope, names: TypeNames, open: readonly TypeNode[]): StorageType | string {
  const [first, second, ...more] = node.typeArguments ?? []
  const example = 'FixedArray<U256, 3>'
  if (first === undefined || second === undefined || more.length > 0) {
    return `an array of fixed length names the type of its elements and their number: ${example}`
  }
  const length = lengthOf(second)
  if (length === null) return LENGTHS
  const element = storageTypeOf(first, scope, names, open)
  if (typeof element === 'string') return element
  if (element.kind === 'mapping' || element.kind === 'storageArray' || element.kind === 'storedStruct') {
    return 'a FixedArray is made of values; what is in storage only goes into a StorageArray or a @struct'
  }
  const words = length * wordsOf(element)
  if (words > MAX_WORDS) return `this array has ${words} words of 32 bytes; allowed: ${MAX_WORDS}; use a StorageArray`
  return { kind: 'fixedArray', element, length }
}

/** Words that a value takes where it is encoded without an offset. */
function wordsOf(type: AbiType): number {
  if (type.kind === 'fixedArray') return type.length * wordsOf(type.element)
  return type.kind === 'struct' ? type.struct.members.reduce((sum, { type: member }) => sum + wordsOf(member), 0) : 1
}

/** `n.A`, as the author wrote it. */
function writtenName(node: TypeNode): string {
  const parts: string[] = []
  for (let part = node.name ?? null; part !== null; part = part.next) parts.push(part.identifier.text)
  return parts.join('.')
}

/** Why a value of the type, for which {@link isStorable} is false, cannot be kept in storage. */
export function notStorable(type: StorageType): string {
  const member = arrayMemberOf(type)
  const inStorage = 'lives in memory; in storage use StorageArray<T>'
  return member === null ? `T[] ${inStorage}` : `${member} is a T[], which ${inStorage}`
}

/** `Order.tags`: the array that keeps a struct out of storage, however deep; null of what is no struct. */
function arrayMemberOf(type: StorageType): string | null {
  if (type.kind === 'fixedArray') return arrayMemberOf(type.element)
  if (type.kind !== 'struct') return null
  const member = type.struct.members.find((one) => !isStorable(one.type))
  return member === undefined ? null : (arrayMemberOf(member.type) ?? `${type.struct.name}.${member.name}`)
}

/** Whether a value of the type can be kept in storage. */
export function isStorable(type: StorageType): boolean {
  if (type.kind === 'array') return false
  if (type.kind === 'fixedArray') return isStorable(type.element)
  return type.kind !== 'struct' || type.struct.members.every((member) => isStorable(member.type))
}

/** The name that goes into signatures and the JSON ABI: tuples in brackets. */
export function canonicalName(type: AbiType): string {
  switch (type.kind) {
    case 'value':
      return type.solidity
    case 'array':
      return `${canonicalName(type.element)}[]`
    case 'fixedArray':
      return `${canonicalName(type.element)}[${type.length}]`
    case 'struct':
      return `(${type.struct.members.map((member) => canonicalName(member.type)).join(',')})`
    default:
      return type.kind
  }
}

export function signatureOf(name: string, types: readonly AbiType[]): string {
  return `${name}(${types.map(canonicalName).join(',')})`
}

/** EIP-712's encodeType: the struct, then those that it uses, by name. */
export function typeText(struct: StructModel): string {
  const used = new Map<string, StructModel>()
  const visit = (type: AbiType): void => {
    if (type.kind === 'array' || type.kind === 'fixedArray') visit(type.element)
    if (type.kind !== 'struct' || type.struct === struct || used.has(type.struct.name)) return
    used.set(type.struct.name, type.struct)
    for (const member of type.struct.members) visit(member.type)
  }
  for (const member of struct.members) visit(member.type)
  const text = ({ name, members }: StructModel) =>
    `${name}(${members.map((member) => `${typedName(member.type)} ${member.name}`).join(',')})`
  const others = [...used.keys()].sort().map((name) => text(used.get(name) as StructModel))
  return text(struct) + others.join('')
}

/** Structs by their names, where the ABI has their members in brackets. */
function typedName(type: AbiType): string {
  if (type.kind === 'struct') return type.struct.name
  if (type.kind === 'fixedArray') return `${typedName(type.element)}[${type.length}]`
  return type.kind === 'array' ? `${typedName(type.element)}[]` : canonicalName(type)
}
