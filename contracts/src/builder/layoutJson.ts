/**
 * Where a contract keeps its fields, in the words of solc's `storageLayout` and `transientStorageLayout`, so that tools that
 * read storage of Solidity's contracts read ours.
 */

import { chainOf } from './inheritance.ts'
import type { AbiType, ContractModel, StorageType, StoredStructModel, StructModel } from './model.ts'
import { placeMembers, slotsOf } from './storageLayout.ts'

/** A field of a contract, or a member of a struct, whose slot counts from the first of the struct. */
export interface LayoutEntry {
  /** solc numbers what it parses; here the entry's number in the layout, from 1, as nothing else has one. */
  readonly astId: number
  /** `path:Class`. */
  readonly contract: string
  readonly label: string
  /** Bytes from the slot's low end. */
  readonly offset: number
  /** Decimal. */
  readonly slot: string
  /** A key of `types`. */
  readonly type: string
}

export interface LayoutType {
  readonly encoding: 'inplace' | 'mapping' | 'dynamic_array' | 'bytes'
  /** As Solidity writes the type. */
  readonly label: string
  readonly numberOfBytes: string
  readonly key?: string
  readonly value?: string
  readonly base?: string
  readonly members?: readonly LayoutEntry[]
}

export interface StorageLayout {
  readonly storage: readonly LayoutEntry[]
  readonly types: Readonly<Record<string, LayoutType>>
}

/** Base contracts first, in order of declaration. */
export function layoutOf(contract: ContractModel, which: 'storage' | 'transient'): StorageLayout {
  const types = new Types(`${contract.file.path}:${contract.name}`)
  const fields = [...chainOf(contract)].reverse().flatMap((one) => one.fields)
  const storage = fields
    .filter((field) => field.place === which)
    .map(({ name, slot, offset, type }) => types.entry(name, slot, offset, type))
  return { storage, types: types.all() }
}

class Types {
  readonly #contract: string
  readonly #types = new Map<string, LayoutType>()
  #entries = 0

  constructor(contract: string) {
    this.#contract = contract
  }

  entry(label: string, slot: number, offset: number, type: StorageType): LayoutEntry {
    const astId = ++this.#entries
    return { astId, contract: this.#contract, label, offset, slot: String(slot), type: this.#idOf(type) }
  }

  /** By their keys, so that the order is the same everywhere. */
  all(): Readonly<Record<string, LayoutType>> {
    return Object.fromEntries([...this.#types].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #idOf(type: StorageType, id: string = idOf(type)): string {
    if (!this.#types.has(id)) this.#types.set(id, this.#describe(type))
    return id
  }

  #describe(type: StorageType): LayoutType {
    const label = labelOf(type)
    switch (type.kind) {
      case 'value':
        return { encoding: 'inplace', label, numberOfBytes: String(type.width) }
      case 'string':
      case 'bytes':
        return { encoding: 'bytes', label, numberOfBytes: '32' }
      case 'mapping': {
        const [key, value] = [this.#idOf(type.key, keyIdOf(type.key)), this.#idOf(type.value)]
        return { encoding: 'mapping', key, label, numberOfBytes: '32', value }
      }
      case 'array':
      case 'storageArray':
        return { base: this.#idOf(type.element), encoding: 'dynamic_array', label, numberOfBytes: '32' }
      case 'fixedArray': {
        const numberOfBytes = String(32 * slotsOf(type))
        return { base: this.#idOf(type.element), encoding: 'inplace', label, numberOfBytes }
      }
      case 'struct':
      case 'storedStruct':
        return {
          encoding: 'inplace',
          label,
          members: this.#membersOf(type.struct),
          numberOfBytes: String(32 * slotsOf(type)),
        }
    }
  }

  #membersOf({ members }: StructModel | StoredStructModel): readonly LayoutEntry[] {
    const { places } = placeMembers(members)
    return members.map(({ name, type }, i) => this.entry(name, places[i]?.slot ?? 0, places[i]?.offset ?? 0, type))
  }
}

/** Names of structs are unique in a build, as solc's numbers behind them make them there. */
function idOf(type: StorageType): string {
  switch (type.kind) {
    case 'value':
      return `t_${type.solidity}`
    case 'string':
    case 'bytes':
      return `t_${type.kind}_storage`
    case 'mapping':
      return `t_mapping(${keyIdOf(type.key)},${idOf(type.value)})`
    case 'array':
    case 'storageArray':
      return `t_array(${idOf(type.element)})dyn_storage`
    case 'fixedArray':
      return `t_array(${idOf(type.element)})${type.length}_storage`
    case 'struct':
    case 'storedStruct':
      return `t_struct(${type.struct.name})_storage`
  }
}

/** solc says of keys that they lie in memory. */
function keyIdOf(key: AbiType): string {
  return key.kind === 'string' || key.kind === 'bytes' ? `t_${key.kind}_memory_ptr` : idOf(key)
}

function labelOf(type: StorageType): string {
  switch (type.kind) {
    case 'value':
      return type.solidity
    case 'mapping':
      return `mapping(${labelOf(type.key)} => ${labelOf(type.value)})`
    case 'array':
    case 'storageArray':
      return `${labelOf(type.element)}[]`
    case 'fixedArray':
      return `${labelOf(type.element)}[${type.length}]`
    case 'struct':
    case 'storedStruct':
      return `struct ${type.struct.name}`
    default:
      return type.kind
  }
}
