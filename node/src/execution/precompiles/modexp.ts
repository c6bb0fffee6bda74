/**
 * Address 5 (EIP-198): base ** exponent % modulus on numbers of any length, priced in the way of EIP-2565, each at most
 * 1024 bytes long as in EIP-7823: a price alone does not bound the time a host's big integers take.
 */
import { bigintToBytes, bytesToBigint, EMPTY_BYTES } from '../../codec/bytes.ts'
import { type Precompile, paddedSlice } from './precompile.ts'
import type { PrecompilePrices } from './prices.ts'

/** EIP-7823. */
const MAX_OPERAND_BYTES = 1_024n

interface Lengths {
  readonly base: bigint
  readonly exponent: bigint
  readonly modulus: bigint
}

export const modexp: Precompile = { name: 'modexp', gas: price, run }

function lengths(input: Uint8Array): Lengths {
  const at = (offset: number): bigint => bytesToBigint(paddedSlice(input, offset, 32))
  return { base: at(0), exponent: at(32), modulus: at(64) }
}

function price(input: Uint8Array, { modexp: { minimum, iteration, square } }: PrecompilePrices): bigint {
  const { base, exponent, modulus } = lengths(input)
  const words = ((base > modulus ? base : modulus) + 7n) / 8n
  const count = iterations(input, base, exponent)
  const gas = count * iteration + (words * words * count * square.numerator) / square.denominator
  return gas > minimum ? gas : minimum
}

/** EIP-2565: the bits of the exponent, of which only the first 32 bytes are looked at. */
function iterations(input: Uint8Array, baseLength: bigint, exponentLength: bigint): bigint {
  const headLength = exponentLength < 32n ? Number(exponentLength) : 32
  const start = 96n + baseLength
  const head = start < BigInt(input.length) ? bytesToBigint(paddedSlice(input, Number(start), headLength)) : 0n
  let count = head === 0n ? 0n : BigInt(head.toString(2).length - 1)
  if (exponentLength > 32n) count += 8n * (exponentLength - 32n)
  return count > 1n ? count : 1n
}

function run(input: Uint8Array): Uint8Array | null {
  const { base, exponent, modulus } = lengths(input)
  if (base === 0n && modulus === 0n) return EMPTY_BYTES
  if (base > MAX_OPERAND_BYTES || exponent > MAX_OPERAND_BYTES || modulus > MAX_OPERAND_BYTES) return null
  const baseEnd = 96 + Number(base)
  const exponentEnd = baseEnd + Number(exponent)
  const b = bytesToBigint(paddedSlice(input, 96, Number(base)))
  const e = bytesToBigint(paddedSlice(input, baseEnd, Number(exponent)))
  const m = bytesToBigint(paddedSlice(input, exponentEnd, Number(modulus)))
  return bigintToBytes(m === 0n ? 0n : modularPower(b, e, m), Number(modulus))
}

/** By squaring, from the exponent's highest bit down. */
function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const reduced = base % modulus
  let result = 1n % modulus
  // As text, since shifting a long bigint bit by bit takes quadratic time.
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus
    if (bit === '1') result = (result * reduced) % modulus
  }
  return result
}
