/** The build's model of the author's source: contracts, interfaces, structs, events, errors and their types. */

import type { CallNode, ClassNode, FieldNode, MethodNode, TypeNode } from './compiler.ts'
import type { SourceFile } from './sources.ts'

/** A type that has a Solidity ABI encoding. */
export type AbiType =
  /** `solidity` is the ABI's name; `width` the bytes it takes in a packed storage slot. */
  | { readonly kind: 'value'; readonly solidity: string; readonly width: number }
  | { readonly kind: 'string' | 'bytes' }
  | { readonly kind: 'array'; readonly element: AbiType }
  | { readonly kind: 'fixedArray'; readonly element: AbiType; readonly length: number }
  | { readonly kind: 'struct'; readonly struct: StructModel }

/** A type a field of a contract may have. */
export type StorageType =
  | AbiType
  | { readonly kind: 'mapping'; readonly key: AbiType; readonly value: StorageType }
  | { readonly kind: 'storageArray'; readonly element: StorageType }
  | { readonly kind: 'storedStruct'; readonly struct: StoredStructModel }

export interface Declared {
  readonly name: string
  readonly file: SourceFile
  readonly node: ClassNode
}

export interface Member {
  readonly name: string
  /** The type as the author wrote it. */
  readonly typeText: string
  readonly type: AbiType
  /** Events only. */
  readonly indexed: boolean
}

export type RecordKind = 'struct' | 'event' | 'error' | 'returns'

/** A class that stands for a Solidity struct, event, error, or list of return values. */
export interface StructModel extends Declared {
  readonly kind: RecordKind
  readonly members: readonly Member[]
  /** Whether the author wrote a constructor; otherwise the build makes one from the members. */
  readonly hasConstructor: boolean
}

/**
 * A class marked @struct that has a mapping or an array in storage among its members: it is in storage only, and an
 * object of it is the place of one, as a mapping is.
 */
export interface StoredStructModel extends Declared {
  readonly kind: 'stored'
  readonly members: readonly StoredMember[]
}

export interface StoredMember {
  readonly name: string
  readonly typeText: string
  readonly type: StorageType
  readonly node: FieldNode
}

export type Mutability = 'pure' | 'view' | 'nonpayable' | 'payable'

export interface Parameter {
  readonly name: string
  readonly typeText: string
  readonly type: AbiType
}

/** The results of a function: nothing, one value, or the members of a @returns class. */
export type Returns =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'one'; readonly type: AbiType; readonly typeText: string }
  | { readonly kind: 'many'; readonly record: StructModel; readonly typeText: string }

export interface FunctionModel {
  /** The method's, or the field's of a getter. */
  readonly name: string
  /** The one that callers know, by which the selector is made. */
  readonly abiName: string
  readonly node: MethodNode | FieldNode
  readonly mutability: Mutability
  readonly reentrant: boolean
  readonly parameters: readonly Parameter[]
  readonly returns: Returns
}

/** Where a field is kept: marked @transient, marked @immutable, or neither. */
export type FieldPlace = 'storage' | 'transient' | 'immutable'

export interface StorageField {
  readonly name: string
  readonly node: FieldNode
  readonly type: StorageType
  readonly typeText: string
  readonly place: FieldPlace
  /** Number of the slot the field starts in; of an immutable field, of the word among those of the contract. */
  readonly slot: number
  /** Bytes from the slot's low end. */
  readonly offset: number
}

/** A base that a constructor constructs. */
export interface Construction {
  /** `construct<Base>(...)`; null for `super(...)`. */
  readonly call: CallNode | null
  /** The contract whose constructor runs; null when the base has none. */
  readonly owner: ContractModel | null
}

export interface ContractModel extends Declared {
  /** The next in the line of this contract; with several bases it may be one that this class does not name. */
  readonly base: ContractModel | null
  /** The contracts that the class names after `extends`, each in its own line. */
  readonly parents: readonly ContractModel[]
  /** Whether they are written as `Bases<...>`. */
  readonly joins: boolean
  readonly fields: readonly StorageField[]
  /** Slot and offset at which a derived contract goes on. */
  readonly ends: Readonly<Record<FieldPlace, LayoutCursor>>
  /** Those declared in this class, getters of fields included. */
  readonly functions: readonly FunctionModel[]
  readonly constructorModel: {
    readonly node: MethodNode
    readonly payable: boolean
    readonly parameters: readonly Parameter[]
    /** The bases whose constructors it runs. */
    readonly constructs: readonly Construction[]
  } | null
  readonly receive: FunctionModel | null
  readonly fallback: (FunctionModel & { readonly takesInput: boolean; readonly givesOutput: boolean }) | null
}

export interface InterfaceModel extends Declared {
  readonly functions: readonly FunctionModel[]
  readonly extendsOther: boolean
}

export interface LayoutCursor {
  readonly slot: number
  readonly offset: number
}

export interface ProgramModel {
  readonly files: readonly SourceFile[]
  readonly contracts: readonly ContractModel[]
  readonly interfaces: readonly InterfaceModel[]
  readonly records: readonly StructModel[]
  readonly storedStructs: readonly StoredStructModel[]
}

export type { TypeNode }
