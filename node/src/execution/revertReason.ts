/**
 * The words for a contract's refusal, for people: in receipts, in JSON-RPC errors, in the devnet command and in tests of
 * contracts. Read are Solidity's Error(string) and Panic(uint256), which all SDKs use. Custom errors stay what they are,
 * since only the caller knows their names.
 */
import { bytesToBigint, keyOf } from '../codec/bytes.ts'
import { printable } from '../codec/visibleText.ts'
import { MAX_FAILURE_TEXT } from './limits.ts'

/** keccak256("Error(string)"), first four bytes. */
const ERROR_SELECTOR = '08c379a0'
/** keccak256("Panic(uint256)"), first four bytes. */
const PANIC_SELECTOR = '4e487b71'

/** UTF-8 takes at most three bytes for each UTF-16 unit: so much of a longer text is more than is shown of it. */
const MOST_REASON_BYTES = 3 * (MAX_FAILURE_TEXT + 1)

/** Solidity documentation, "Panic via assert and Error via require". */
const PANIC_REASONS: ReadonlyMap<bigint, string> = new Map([
  [0x00n, 'generic panic'],
  [0x01n, 'assertion failed'],
  [0x11n, 'arithmetic underflow or overflow'],
  [0x12n, 'division or modulo by zero'],
  [0x21n, 'value out of range for an enum'],
  [0x22n, 'incorrectly encoded storage byte array'],
  [0x31n, 'pop on an empty array'],
  [0x32n, 'array index out of bounds'],
  [0x41n, 'out of memory'],
  [0x51n, 'call of a zero-initialised internal function'],
])

/** Null for data that is neither of the two. */
export function revertReason(output: Uint8Array): string | null {
  const selector = keyOf(output.subarray(0, 4))
  if (selector === ERROR_SELECTOR) return decodeString(output.subarray(4))
  if (selector === PANIC_SELECTOR && output.length === 36) return panicReason(bytesToBigint(output.subarray(4)))
  return null
}

function panicReason(code: bigint): string {
  const words = PANIC_REASONS.get(code) ?? 'a code that Solidity does not know'
  return `${words} (panic 0x${code.toString(16).padStart(2, '0')})`
}

/** Words before the reason: of what the contract refused, and of a trap, of gas that ran out, of code that cannot run. */
export const REVERTED = 'execution reverted'
export const FAILED = 'execution failed'

/**
 * "execution reverted", with the reason if there is one. `value`: wei that came with the call; a refusal without a word is
 * then most likely that of a function that is not payable (Solidity's rule).
 */
export function revertMessage(output: Uint8Array, value = 0n): string {
  const reason = revertReason(output)
  if (reason !== null) return `${REVERTED}: ${reason}`
  // Only the caller's ABI can name a custom error; its selector is better than nothing.
  if (output.length >= 4) return `${REVERTED}: custom error 0x${keyOf(output.subarray(0, 4))}`
  if (output.length > 0 || value === 0n) return REVERTED
  return `${REVERTED}: no reason given; ${value} wei came with it, which a function that is not payable refuses like this`
}

/** A message as it reads behind the name of what failed: without the words that begin it where it stands alone. */
export function withoutPrefix(message: string): string {
  if (message === REVERTED) return 'it reverted without a reason'
  return message.replace(/^execution (?:reverted|failed): /, '').replace(/^execution reverted/, 'it reverted')
}

/** For who has the ABI: what a revert without data means of a function that is not payable (Solidity's rule) and got wei. */
export function refusedValue(functionName: string, value: bigint): string {
  return `${functionName} is not payable and refuses the ${value} wei sent with it`
}

/** Says which nested call the data of a revert comes from. `address`: 0x and 40 hex digits. */
export function fromCall(address: string): string {
  return ` (from the call to ${address})`
}

/** The address that {@link fromCall} wrote at the end of a message; null when there is none. */
export function revertOrigin(message: string): string | null {
  return /\(from the call to (0x[0-9a-f]{40})\)$/.exec(message)?.[1] ?? null
}

/** One ABI-encoded string, safe to show and cut; null when the encoding is wrong. */
function decodeString(data: Uint8Array): string | null {
  const offset = smallWord(data, 0)
  if (offset === null) return null
  const length = smallWord(data, offset)
  if (length === null) return null
  const start = offset + 32
  if (start + length > data.length) return null
  const text = new TextDecoder().decode(data.subarray(start, start + Math.min(length, MOST_REASON_BYTES)))
  return printable(text, MAX_FAILURE_TEXT)
}

/** The word at `offset` when it is no larger than the data. */
function smallWord(data: Uint8Array, offset: number): number | null {
  if (offset + 32 > data.length) return null
  const value = bytesToBigint(data.subarray(offset, offset + 32))
  return value <= BigInt(data.length) ? Number(value) : null
}
