/** Hex text as Ethereum's JSON-RPC writes it: data is `0x` and two digits per byte, a quantity has no leading zeros. */
import { keyOf } from './bytes.ts'
import { CodecError } from './codecError.ts'
import { quotedText } from './visibleText.ts'

/** Engines of 2025 and later; the loop below gives the same bytes. */
const nativeFromHex = (Uint8Array as { fromHex?: (text: string) => Uint8Array }).fromHex

/** Lower case. `0x` for no bytes. */
export function toHex(bytes: Uint8Array): `0x${string}` {
  return `0x${keyOf(bytes)}`
}

/** Either case. @throws CodecError `bad-hex`. */
export function fromHex(text: string): Uint8Array {
  if (!text.startsWith('0x') && !text.startsWith('0X')) throw badHex(text, 'must start with 0x')
  if (text.length % 2 !== 0) throw badHex(text, 'has an odd number of digits')
  if (nativeFromHex !== undefined) {
    try {
      return nativeFromHex.call(Uint8Array, text.slice(2))
    } catch (error) {
      // The loop below finds what is wrong.
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  const out = new Uint8Array(text.length / 2 - 1)
  for (let i = 0; i < out.length; i++) {
    const high = digitOf(text.charCodeAt(2 * i + 2))
    const low = digitOf(text.charCodeAt(2 * i + 3))
    if (high < 0 || low < 0) {
      const at = high < 0 ? 2 * i + 2 : 2 * i + 3
      throw badHex(text, `has ${quotedText(text.charAt(at))} at position ${at}, which is no hex digit`)
    }
    out[i] = high * 16 + low
  }
  return out
}

/** @throws RangeError when negative: a caller's bug. */
export function toQuantity(value: bigint): `0x${string}` {
  if (value < 0n) throw new RangeError(`toQuantity: ${value} is negative`)
  return `0x${value.toString(16)}`
}

/**
 * `0x0`, `0x1f`; leading zeros and a bare `0x` are refused, as the JSON-RPC specification asks. @throws CodecError
 * `bad-hex`.
 */
export function fromQuantity(text: string): bigint {
  if (!/^0x(0|[1-9a-fA-F][0-9a-fA-F]*)$/.test(text)) {
    throw badHex(text, 'is no quantity: 0x and hex digits without leading zeros, 0x0 for zero')
  }
  return BigInt(text)
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** Enough of the text to recognise it; input may be megabytes long. */
const SHOWN_LENGTH = 40

function badHex(text: string, reason: string): CodecError {
  return new CodecError('bad-hex', '', `hex ${quotedText(text, SHOWN_LENGTH)} ${reason}`)
}
