/**
 * How often a loop turns whose counter starts at a constant and moves by a constant. Computed, not counted out: a module
 * may hold tens of thousands of such loops.
 */
import { OP } from '../binary/opcodes.ts'

const { 'i32.ne': I32_NE, 'i32.le_s': I32_LE_S, 'i32.le_u': I32_LE_U, 'i32.ge_s': I32_GE_S, 'i32.ge_u': I32_GE_U } = OP

/** More turns than these are told at run time. */
export const MAX_TURNS = 1 << 12
/** Times the counter may wrap around before that is left to run time, too. */
const MOST_WRAPS = 16

const WRAP = 2 ** 32

/**
 * How often `x goesOn bound` holds for x, x + step, ... modulo 2^32 before it first does not; null for more than
 * {@link MAX_TURNS}. `goesOn` is an opcode from i32.ne to i32.ge_u; for the ordered ones the step goes
 * towards the bound: up for lt and le, down for gt and ge. It is not 0 or -2^31.
 */
export function countTurns(x: number, step: number, goesOn: number, bound: number): number | null {
  const turns = goesOn === I32_NE ? untilEqual(x, step, bound) : untilPast(x, step, goesOn, bound)
  return turns !== null && turns <= MAX_TURNS ? turns : null
}

/** The least k with x + k step = bound, modulo 2^32: both sides are divided by the step's power of two and odd part. */
function untilEqual(x: number, step: number, bound: number): number | null {
  const distance = (bound - x) >>> 0
  const shift = 31 - Math.clz32(step & -step)
  if ((distance & ((1 << shift) - 1)) !== 0) return null
  const turns = Math.imul(distance >>> shift, inverseOfOdd(step >>> shift))
  return (turns & (0xffffffff >>> shift)) >>> 0
}

/** Modulo 2^32, by Newton's iteration: each round doubles the bits that are right, three of them at first. */
export function inverseOfOdd(odd: number): number {
  let found = odd
  for (let round = 0; round < 4; round++) found = Math.imul(found, 2 - Math.imul(odd, found))
  return found
}

function untilPast(x: number, step: number, goesOn: number, bound: number): number | null {
  const up = step > 0
  // Ordered comparisons with odd opcodes are unsigned. Counted up from 0, with signs and directions turned around where
  // needed.
  const flip = (goesOn % 2 === 1 ? 0 : 0x80000000) ^ (up ? 0 : 0xffffffff)
  const stride = Math.abs(step)
  const including = goesOn === I32_LE_S || goesOn === I32_LE_U || goesOn === I32_GE_S || goesOn === I32_GE_U
  const past = ((bound ^ flip) >>> 0) + (including ? 1 : 0)
  if (past === WRAP) return null
  let value = (x ^ flip) >>> 0
  let turns = 0
  for (let wraps = 0; wraps <= MOST_WRAPS && turns <= MAX_TURNS; wraps++) {
    if (value >= past) return turns
    const more = Math.ceil((past - value) / stride)
    turns += more
    value += more * stride
    // It may have gone past the greatest number, and begins again at the least.
    if (value < WRAP) return turns
    value -= WRAP
  }
  return null
}
