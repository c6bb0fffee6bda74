import { describe, expect, it } from 'vitest'
import { proposerIndex } from './proposer.ts'
import { createValidatorSet } from './validatorSet.ts'

const setOf = (powers: readonly bigint[]) =>
  createValidatorSet(
    powers.map((power, index) => ({
      publicKey: new Uint8Array(32).fill(index),
      power,
      feeRecipient: new Uint8Array(20),
    })),
  )

/** Proposers of one whole period, round 0. */
function period(powers: readonly bigint[], length: number): number[] {
  const set = setOf(powers)
  return Array.from({ length }, (_, slot) => proposerIndex(set, BigInt(slot), 0))
}

describe('proposerIndex', () => {
  it('rotates when powers are equal, whatever they are', () => {
    expect(period([1n, 1n, 1n, 1n], 8)).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
    expect(period([10n ** 30n, 10n ** 30n, 10n ** 30n], 4)).toEqual([0, 1, 2, 0])
    expect(period([5n], 3)).toEqual([0, 0, 0])
  })

  it('a failed round passes the turn on', () => {
    const set = setOf([3n, 2n, 1n])
    for (let slot = 0; slot < 30; slot++) {
      for (let round = 0; round < 10; round++) {
        expect(proposerIndex(set, BigInt(slot), round)).toBe(proposerIndex(set, BigInt(slot + round), 0))
      }
    }
  })

  it('gives each validator exactly its share of a period, evenly spread', () => {
    const cases = [
      [1n, 2n],
      [1n, 2n, 3n],
      [7n, 1n, 1n, 1n],
      [10n, 11n, 13n, 14n],
      [100n, 1n, 1n],
      [5n, 5n, 1n, 9n, 20n],
    ]
    for (const powers of cases) {
      const total = Number(powers.reduce((a, b) => a + b))
      const turns = period(powers, total)
      for (const [index, power] of powers.entries()) {
        const at = turns.flatMap((proposer, slot) => (proposer === index ? [slot] : []))
        expect(at.length).toBe(Number(power))
        // Between two turns pass at most two ideal distances, plus the others' ties.
        const gaps = at.map((slot, k) => (at[k + 1] ?? at[0]! + total) - slot)
        expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.ceil((2 * total) / Number(power)) + powers.length)
      }
    }
  })

  it('copes with powers of any size', () => {
    const set = setOf([10n ** 27n, 10n ** 27n + 1n, 3n, 10n ** 26n])
    const turns = Array.from({ length: 2000 }, (_, slot) => proposerIndex(set, BigInt(slot) * 10n ** 15n + 7n, 0))
    expect(new Set(turns).size).toBeGreaterThanOrEqual(2)
    const share = turns.filter((index) => index === 0).length / turns.length
    expect(share).toBeGreaterThan(0.4)
    expect(share).toBeLessThan(0.56)
  })

  it('is pinned: another client must come to the same', () => {
    expect(period([3n, 2n, 1n], 12)).toEqual([0, 1, 0, 2, 1, 0, 0, 1, 0, 2, 1, 0])
    expect(period([4n, 1n], 5)).toEqual([0, 0, 1, 0, 0])
  })
})
