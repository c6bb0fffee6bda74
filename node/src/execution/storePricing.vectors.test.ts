/** The table of EIP-2200, section "Test Cases", restated for EIP-2929 (slots warm after the first touch) and EIP-3529. */
import { describe, expect, it } from 'vitest'
import { storePrice } from './storePricing.ts'

const word = (value: number): Uint8Array => {
  const bytes = new Uint8Array(32)
  bytes[31] = value
  return bytes
}

/** Stores in sequence into one slot, the first access cold. */
function run(original: number, values: readonly number[]): { gas: bigint; refund: bigint } {
  let current = original
  let gas = 0n
  let refund = 0n
  values.forEach((value, i) => {
    const price = storePrice(word(original), word(current), word(value), i === 0)
    gas += price.gas
    refund += price.refund
    current = value
  })
  return { gas, refund }
}

/** EIP-3529, "Appendix: SSTORE gas costs": original, values stored, gas of the stores, refund. */
const vectors: [number, number[], bigint, bigint][] = [
  [0, [0, 0], 2_300n, 0n],
  [0, [0, 1], 22_200n, 0n],
  [0, [1, 0], 22_200n, 19_900n],
  [0, [1, 2], 22_200n, 0n],
  [0, [1, 1], 22_200n, 0n],
  [1, [0, 0], 5_100n, 4_800n],
  [1, [0, 1], 5_100n, 2_800n],
  [1, [0, 2], 5_100n, 0n],
  [1, [2, 0], 5_100n, 4_800n],
  [1, [2, 3], 5_100n, 0n],
  [1, [2, 1], 5_100n, 2_800n],
  [1, [2, 2], 5_100n, 0n],
  [1, [1, 0], 5_100n, 4_800n],
  [1, [1, 2], 5_100n, 0n],
  [1, [1, 1], 2_300n, 0n],
  [0, [1, 0, 1], 42_200n, 19_900n],
  [1, [0, 1, 0], 8_000n, 7_600n],
]

describe('storePrice', () => {
  for (const [original, values, gas, refund] of vectors) {
    it(`${original} -> ${values.join(' -> ')}: ${gas} gas, refund ${refund}`, () => {
      expect(run(original, values)).toEqual({ gas, refund })
    })
  }
})
