/** Classes and functions of the SDK and of the standard library by their names within the compiler. */

import { SDK_IMPORT } from '../sources.ts'

const root = `~lib/${SDK_IMPORT}`

export const SDK = {
  address: `${root}/address/Address`,
  array: '~lib/array/Array',
  bytes: `${root}/bytes/Bytes`,
  /** Bytes32; the start of the names of Bytes1 to Bytes31, which are in a module of their own. */
  bytes32: `${root}/bytes32/Bytes32`,
  fixedArray: `${root}/fixedArray/FixedArray`,
  fixedBytes: `${root}/fixedBytes/Bytes`,
  hash: '~lib/util/hash/HASH',
  i256: `${root}/math/i256/I256`,
  mapping: `${root}/storage/mapping/Mapping`,
  staticArray: '~lib/staticarray/StaticArray',
  storageArray: `${root}/storage/array/StorageArray`,
  storedBytes: `${root}/storage/bytes/StoredBytes`,
  storedFixedArray: `${root}/storage/fixedArray/StoredFixedArray`,
  storedValue: `${root}/storage/value/StoredValue`,
  string: '~lib/string/String',
  u256: `${root}/math/u256/U256`,
} as const

/** Functions that end a call with a text, and those that take it where it is in the module. */
export const REASONS = {
  onAbort: `${root}/revert/onAbort`,
  require: `${root}/revert/require`,
  requireText: `${root}/revert/requireText`,
  revert: `${root}/revert/revert`,
  revertText: `${root}/revert/revertText`,
} as const

/** The functions that make a 256-bit integer of a native one, and what the build puts in their place. */
export const AMOUNTS = {
  unsigned: [`${root}/math/u256/u256`, `${root}/math/u256/U256.from`],
  signed: [`${root}/math/i256/i256`, `${root}/math/i256/I256.from`],
  constructors: [`${root}/math/u256/U256#constructor`, `${root}/math/i256/I256#constructor`],
  nonNegative: `${root}/math/u256/nonNegative`,
  unsignedOfLimbs: `${root}/math/u256/u256OfLimbs`,
  signedOfLimbs: `${root}/math/i256/i256OfLimbs`,
  signedOfUnsigned: `${root}/math/i256/i256OfUnsigned`,
} as const
