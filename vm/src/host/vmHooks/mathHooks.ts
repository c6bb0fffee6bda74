/** 256-bit unsigned arithmetic and hashing. Operands are 32 bytes, big-endian; the first receives the result. */
import { type Hook, hook } from './hook.ts'
import type { HookFrame } from './hookFrame.ts'
import { keccakInk, powInk } from './prices.ts'
import { bytesToWord, wordToBytes } from './words.ts'

const readWord = (frame: HookFrame, pointer: number): bigint => bytesToWord(frame.read(pointer, 32))

export const mathHooks = {
  /** Quotient; 0 when the divisor is 0, as the EVM's DIV. */
  math_div: hook('ii', '', (frame, value: number, divisor: number) => {
    frame.payBase('math_div')
    const a = readWord(frame, value)
    const b = readWord(frame, divisor)
    frame.write(value, wordToBytes(b === 0n ? 0n : a / b))
    return undefined
  }),

  /** Remainder; 0 when the modulus is 0, as the EVM's MOD. */
  math_mod: hook('ii', '', (frame, value: number, modulus: number) => {
    frame.payBase('math_mod')
    const a = readWord(frame, value)
    const b = readWord(frame, modulus)
    frame.write(value, wordToBytes(b === 0n ? 0n : a % b))
    return undefined
  }),

  /** Power modulo 2^256, as the EVM's EXP. */
  math_pow: hook('ii', '', (frame, value: number, exponent: number) => {
    frame.payBase('math_pow')
    const base = readWord(frame, value)
    const exponentBytes = frame.read(exponent, 32)
    const leading = exponentBytes.findIndex((byte) => byte !== 0)
    frame.payInk(powInk(frame.prices, leading === -1 ? 0 : 32 - leading))
    frame.write(value, wordToBytes(wrappingPower(base, bytesToWord(exponentBytes))))
    return undefined
  }),

  /** (value + addend) mod modulus without overflow; 0 when the modulus is 0. */
  math_add_mod: hook('iii', '', (frame, value: number, addend: number, modulus: number) => {
    frame.payBase('math_add_mod')
    const a = readWord(frame, value)
    const b = readWord(frame, addend)
    const n = readWord(frame, modulus)
    frame.write(value, wordToBytes(n === 0n ? 0n : (a + b) % n))
    return undefined
  }),

  /** (value * multiplier) mod modulus without overflow; 0 when the modulus is 0. */
  math_mul_mod: hook('iii', '', (frame, value: number, multiplier: number, modulus: number) => {
    frame.payBase('math_mul_mod')
    const a = readWord(frame, value)
    const b = readWord(frame, multiplier)
    const n = readWord(frame, modulus)
    frame.write(value, wordToBytes(n === 0n ? 0n : (a * b) % n))
    return undefined
  }),

  /** keccak256 of `length` bytes, 32 bytes to `out`. */
  native_keccak256: hook('iii', '', (frame, data: number, length: number, out: number) => {
    frame.payInk(keccakInk(frame.prices, length >>> 0))
    frame.write(out, frame.environment.keccak256(frame.read(data, length)))
    return undefined
  }),
} satisfies Record<string, Hook>

/** By squaring, at most 512 multiplications of 256-bit numbers. */
function wrappingPower(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  // As text, lowest bit last: shifting the exponent would take as long as the multiplications.
  const bits = exponent.toString(2)
  for (let i = bits.length - 1; i >= 0; i--) {
    if (bits[i] === '1') result = BigInt.asUintN(256, result * square)
    square = BigInt.asUintN(256, square * square)
  }
  return result
}
