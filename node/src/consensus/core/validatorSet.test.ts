import { describe, expect, it } from 'vitest'
import { MAX_VALIDATORS } from '../../types/genesisCodec.ts'
import { createValidatorSet, includesCorrect, indexOfKey, isQuorum, type Validator } from './validatorSet.ts'

function validator(index: number, power: bigint): Validator {
  const publicKey = new Uint8Array(32)
  publicKey[0] = index
  return { publicKey, power, feeRecipient: new Uint8Array(20) }
}

const setOf = (...powers: bigint[]) => createValidatorSet(powers.map((power, index) => validator(index, power)))

describe('thresholds', () => {
  it('a quorum is strictly more than two thirds', () => {
    expect(isQuorum(setOf(1n, 1n, 1n), 2n)).toBe(false)
    expect(isQuorum(setOf(1n, 1n, 1n), 3n)).toBe(true)
    expect(isQuorum(setOf(1n, 1n, 1n, 1n), 2n)).toBe(false)
    expect(isQuorum(setOf(1n, 1n, 1n, 1n), 3n)).toBe(true)
    expect(isQuorum(setOf(1n), 1n)).toBe(true)
    expect(isQuorum(setOf(1n), 0n)).toBe(false)
    expect(isQuorum(setOf(2n ** 100n, 1n), 2n ** 101n / 3n)).toBe(false)
  })

  it('a third includes someone correct', () => {
    expect(includesCorrect(setOf(1n, 1n, 1n, 1n), 1n)).toBe(false)
    expect(includesCorrect(setOf(1n, 1n, 1n, 1n), 2n)).toBe(true)
    expect(includesCorrect(setOf(1n, 1n, 1n), 1n)).toBe(true)
    expect(includesCorrect(setOf(1n), 1n)).toBe(true)
    expect(includesCorrect(setOf(1n), 0n)).toBe(false)
  })

  it('what a quorum leaves out cannot include a quorum, and two quorums share someone correct', () => {
    for (let total = 1n; total < 40n; total++) {
      const set = setOf(...Array.from({ length: Number(total) }, () => 1n))
      for (let power = 0n; power <= total; power++) {
        if (!isQuorum(set, power)) continue
        expect(isQuorum(set, total - power)).toBe(false)
        expect(includesCorrect(set, 2n * power - total)).toBe(true)
        expect(includesCorrect(set, power)).toBe(true)
      }
    }
  })
})

describe('createValidatorSet', () => {
  it('finds keys', () => {
    const set = setOf(1n, 2n)
    expect(set.totalPower).toBe(3n)
    expect(indexOfKey(set, validator(1, 1n).publicKey)).toBe(1)
    expect(indexOfKey(set, validator(9, 1n).publicKey)).toBeNull()
  })

  it('refuses sets that no chain can have, saying which validator', () => {
    expect(() => createValidatorSet([])).toThrow('at least one')
    expect(() => setOf(1n, 0n)).toThrow('validator 1 has power 0')
    expect(() => createValidatorSet([validator(1, 1n), validator(2, 1n), validator(1, 1n)])).toThrow(
      'validator 2 has the key',
    )
    expect(() => createValidatorSet([{ ...validator(0, 1n), publicKey: new Uint8Array(31) }])).toThrow('31 bytes')
    const many = Array.from({ length: MAX_VALIDATORS + 1 }, (_, index) => validator(index, 1n))
    expect(() => createValidatorSet(many)).toThrow(`at most ${MAX_VALIDATORS}`)
  })
})
