/**
 * Multiplication and division on 64-bit limbs in memory, least significant first. U256 keeps its four limbs in this
 * order, so a pointer to a U256 is a pointer to its limbs.
 */

/** The high half of a 64 x 64 bit product. */
@inline
export function mulHigh(x: u64, y: u64): u64 {
  const x0 = x & 0xffffffff
  const x1 = x >> 32
  const y0 = y & 0xffffffff
  const y1 = y >> 32
  const middle = x1 * y0 + ((x0 * y0) >> 32)
  return x1 * y1 + (middle >> 32) + (((middle & 0xffffffff) + x0 * y1) >> 32)
}

/** Writes the sum modulo 2^256 to `out`; true when it did not fit. Each limb is read once: a load is dear. */
export function addLimbs(x: usize, y: usize, out: usize): bool {
  let a = load<u64>(x)
  let sum = a + load<u64>(y)
  store<u64>(out, sum)
  let carry = u64(sum < a)
  for (let i: usize = 8; i < 32; i += 8) {
    a = load<u64>(x + i)
    const part = a + load<u64>(y + i)
    sum = part + carry
    carry = u64(part < a) | u64(sum < carry)
    store<u64>(out + i, sum)
  }
  return carry != 0
}

/** Writes the difference modulo 2^256 to `out`; true when it is below zero. */
export function subLimbs(x: usize, y: usize, out: usize): bool {
  let borrow: u64 = 0
  for (let i: usize = 0; i < 32; i += 8) {
    const a = load<u64>(x + i)
    const b = load<u64>(y + i)
    const part = a - b
    store<u64>(out + i, part - borrow)
    borrow = u64(a < b) | u64(part < borrow)
  }
  return borrow != 0
}

/** How many of the four limbs at `at` are significant. */
export function limbCount(at: usize): i32 {
  if (load<u64>(at, 24)) return 4
  if (load<u64>(at, 16)) return 3
  if (load<u64>(at, 8)) return 2
  return i32(load<u64>(at) != 0)
}

/** Writes the product modulo 2^256 to `out` (zeroed, not overlapping); true when the product did not fit. */
export function mulLimbs(x: usize, y: usize, out: usize): bool {
  const xCount = limbCount(x)
  const yCount = limbCount(y)
  let overflow: u64 = u64(xCount + yCount > 5)
  for (let i = 0; i < xCount; i++) {
    const limb = load<u64>(x + (<usize>i << 3))
    const stop = min(yCount, 4 - i)
    let carry: u64 = 0
    for (let j = 0; j < stop; j++) {
      const other = load<u64>(y + (<usize>j << 3))
      const cell = out + (<usize>(i + j) << 3)
      let low = limb * other
      let high = mulHigh(limb, other)
      low += carry
      high += u64(low < carry)
      const old = load<u64>(cell)
      low += old
      high += u64(low < old)
      store<u64>(cell, low)
      carry = high
    }
    if (i + stop < 4) store<u64>(out + (<usize>(i + stop) << 3), carry)
    else overflow |= carry
  }
  return overflow != 0
}

/** Divides the four limbs at `x` by a 32-bit number in place; returns the remainder. */
export function divLimbsBySmall(x: usize, divisor: u64): u64 {
  let remainder: u64 = 0
  for (let i: usize = 32; i > 0; ) {
    i -= 8
    const limb = load<u64>(x + i)
    const high = (remainder << 32) | (limb >> 32)
    const low = ((high % divisor) << 32) | (limb & 0xffffffff)
    store<u64>(x + i, ((high / divisor) << 32) | (low / divisor))
    remainder = low % divisor
  }
  return remainder
}
