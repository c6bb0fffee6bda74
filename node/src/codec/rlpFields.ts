/** Reading the typed fields of an RLP list; every error names its field. */
import { bigintToMinimalBytes, bytesToBigint, EMPTY_BYTES } from './bytes.ts'
import { CodecError } from './codecError.ts'
import type { RlpItem } from './rlp.ts'

export const MAX_UINT64 = (1n << 64n) - 1n
export const MAX_UINT256 = (1n << 256n) - 1n

/** @throws CodecError `wrong-shape`. */
export function listField(item: RlpItem | undefined, field: string): readonly RlpItem[] {
  if (item === undefined) throw new CodecError('wrong-shape', field, 'missing')
  if (item instanceof Uint8Array) throw new CodecError('wrong-shape', field, 'a byte string where a list belongs')
  return item
}

/** @throws CodecError `wrong-shape`. */
export function tupleField(item: RlpItem | undefined, length: number, field: string): readonly RlpItem[] {
  const list = listField(item, field)
  if (list.length !== length) {
    throw new CodecError('wrong-shape', field, `a list of ${list.length} items, expected ${length}`)
  }
  return list
}

/** @throws CodecError `wrong-shape`. */
export function bytesField(item: RlpItem | undefined, field: string): Uint8Array {
  if (item === undefined) throw new CodecError('wrong-shape', field, 'missing')
  if (!(item instanceof Uint8Array)) throw new CodecError('wrong-shape', field, 'a list where a byte string belongs')
  return item
}

/** @throws CodecError `wrong-shape`, `wrong-length`. */
export function fixedBytesField(item: RlpItem | undefined, length: number, field: string): Uint8Array {
  const bytes = bytesField(item, field)
  if (bytes.length !== length) {
    throw new CodecError('wrong-length', field, `${bytes.length} bytes, expected ${length}`)
  }
  return bytes
}

/** A big-endian integer without leading zeros, at most `max`. @throws CodecError `leading-zeros`, `out-of-range`. */
export function integerField(item: RlpItem | undefined, max: bigint, field: string): bigint {
  const bytes = bytesField(item, field)
  if (bytes.length > 0 && bytes[0] === 0) {
    throw new CodecError('leading-zeros', field, 'an integer is written without leading zero bytes')
  }
  if (bytes.length > 32) throw new CodecError('out-of-range', field, `${bytes.length} bytes, at most ${max} is allowed`)
  const value = bytesToBigint(bytes)
  if (value > max) throw new CodecError('out-of-range', field, `${value} is above ${max}`)
  return value
}

/** A small integer as a number. @throws CodecError. */
export function numberField(item: RlpItem | undefined, max: number, field: string): number {
  return Number(integerField(item, BigInt(max), field))
}

/** RLP of an integer: minimal bytes, empty for 0. */
export function integerItem(value: bigint | number): Uint8Array {
  if (value === 0) return EMPTY_BYTES
  return bigintToMinimalBytes(typeof value === 'bigint' ? value : BigInt(value))
}
