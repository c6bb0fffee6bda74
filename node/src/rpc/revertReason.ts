/**
 * What a contract said when it reverted: Error(string) and Panic(uint256) of Solidity, which every Stylus SDK and ours
 * use too. Anything else is a custom error, which only the caller's ABI can name.
 */
import { bytesToBigint, keyOf } from '../codec/bytes.ts'

/** keccak256("Error(string)"), first four bytes. */
const ERROR_SELECTOR = '08c379a0'
/** keccak256("Panic(uint256)"), first four bytes. */
const PANIC_SELECTOR = '4e487b71'
/** Characters of a contract's text that go into a message; all of it is in `data`. */
const MAX_REASON_LENGTH = 1_024

/** Solidity documentation, "Panic via assert and Error via require". */
const PANIC_REASONS: Readonly<Record<string, string>> = {
  '0': 'generic panic',
  '1': 'assertion failed',
  '17': 'arithmetic underflow or overflow',
  '18': 'division or modulo by zero',
  '33': 'value out of range for an enum',
  '34': 'incorrectly encoded storage byte array',
  '49': 'pop on an empty array',
  '50': 'array index out of bounds',
  '65': 'out of memory',
  '81': 'call of a zero-initialised internal function',
}

/** Null when the contract gave no data. */
export function revertReason(output: Uint8Array): string | null {
  if (output.length === 0) return null
  if (output.length < 4) return `0x${keyOf(output)}`
  const selector = keyOf(output.subarray(0, 4))
  if (selector === ERROR_SELECTOR) {
    const text = decodeString(output.subarray(4))
    if (text !== null) return text
  }
  if (selector === PANIC_SELECTOR && output.length === 36) {
    const code = bytesToBigint(output.subarray(4))
    return `panic 0x${code.toString(16)}: ${PANIC_REASONS[code.toString()] ?? 'unknown code'}`
  }
  return `custom error 0x${selector}`
}

/** The one argument of type string; null when it is not encoded as the ABI asks. */
function decodeString(args: Uint8Array): string | null {
  const offset = wordAt(args, 0)
  if (offset === null) return null
  const length = wordAt(args, offset)
  if (length === null || offset + 32 + length > args.length) return null
  const text = new TextDecoder().decode(args.subarray(offset + 32, offset + 32 + length))
  return text.length > MAX_REASON_LENGTH ? `${text.slice(0, MAX_REASON_LENGTH)}...` : text
}

/** The word at `offset` as a small number; null when it is not there or larger than the data could be. */
function wordAt(bytes: Uint8Array, offset: number): number | null {
  if (offset + 32 > bytes.length) return null
  const value = bytesToBigint(bytes.subarray(offset, offset + 32))
  return value <= BigInt(bytes.length) ? Number(value) : null
}
