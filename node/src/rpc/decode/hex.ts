/** Decoders of Ethereum's two kinds of hex text (execution-apis, "base types"): data and quantities. */
import { bigintToBytes } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import { fromHex } from '../../codec/hex.ts'
import { DATA, dataOf, QUANTITY, type Schema } from '../schema/schema.ts'
import { type Decoder, decoder, wrong } from './decoder.ts'

const QUANTITY_TEXT = /^0x(0|[1-9a-fA-F][0-9a-fA-F]*)$/
const HEX_DIGITS = /^0x[0-9a-fA-F]{1,64}$/

/** Bytes of any number. */
export const data: Decoder<Uint8Array> = decoder(DATA, (value, at) => {
  const expected = '0x and two hex digits for each byte'
  if (typeof value !== 'string') throw wrong(at, expected, value)
  return bytesOf(value, at, expected)
})

function bytesOf(text: string, at: string, expected: string): Uint8Array {
  try {
    return fromHex(text)
  } catch (error) {
    throw error instanceof CodecError ? wrong(at, expected, text) : error
  }
}

function fixedData(length: number, what: string): Decoder<Uint8Array> {
  const expected = `${what}: 0x and ${2 * length} hex digits`
  return decoder(dataOf(length, what), (value, at) => {
    if (typeof value !== 'string' || value.length !== 2 + 2 * length) throw wrong(at, expected, value)
    return bytesOf(value, at, expected)
  })
}

export const address: Decoder<Uint8Array> = fixedData(20, 'an address')
export const hash: Decoder<Uint8Array> = fixedData(32, 'a 32-byte hash')
export const word: Decoder<Uint8Array> = fixedData(32, 'a 32-byte word')

/** A quantity of at most `bits` bits, unsigned. */
export function quantity(bits: number): Decoder<bigint> {
  const limit = 1n << BigInt(bits)
  return decoder({ ...QUANTITY, title: `Uint${bits}`, description: `below 2^${bits}` }, (value, at) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
      throw wrong(at, `a quantity, which is text: "0x${value.toString(16)}"`, value)
    }
    // The length first: the number of a megabyte of digits takes its time.
    if (typeof value !== 'string' || value.length > 2 + 64 || !QUANTITY_TEXT.test(value)) {
      throw wrong(at, 'a quantity: 0x and hex digits without leading zeros ("0x0" for zero)', value)
    }
    const number = BigInt(value)
    if (number >= limit) throw wrong(at, `a quantity below 2^${bits}`, value)
    return number
  })
}

export const uint64: Decoder<bigint> = quantity(64)
export const uint256: Decoder<bigint> = quantity(256)

/** A count: a quantity or a JSON number, both in use. From `least` to `most`. */
export function count(least: number, most: number): Decoder<number> {
  const expected = `a whole number from ${least} to ${most}, as a quantity or a number`
  const schema: Schema = { anyOf: [QUANTITY, { type: 'integer', minimum: least, maximum: most }] }
  return decoder(schema, (value, at) => {
    const number = typeof value === 'string' && value.length <= 18 && QUANTITY_TEXT.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < least || number > most) {
      throw wrong(at, expected, value)
    }
    return number
  })
}

/** A storage key: 32 bytes, or shorter with the leading zeros left out, as geth takes it. */
export const slot: Decoder<Uint8Array> = decoder({ type: 'string', pattern: HEX_DIGITS.source }, (value, at) => {
  if (typeof value !== 'string' || !HEX_DIGITS.test(value)) {
    throw wrong(at, 'a storage slot: 0x and 1 to 64 hex digits', value)
  }
  return bigintToBytes(BigInt(value), 32)
})
