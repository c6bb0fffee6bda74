import { describe, expect, it } from 'vitest'
import { MAX_PAST_SETS, ValidatorHistory } from './validatorHistory.ts'

const validators = (...powers: number[]) =>
  powers.map((power, index) => ({
    publicKey: new Uint8Array(32).fill(index + 1),
    power: BigInt(power),
    feeRecipient: new Uint8Array(20),
  }))

const powerAt = (history: ValidatorHistory, height: bigint) => history.at(height)?.totalPower

describe('ValidatorHistory', () => {
  it('knows the set of each height it has seen or that is scheduled, and none before', () => {
    const history = new ValidatorHistory([
      { from: 10n, validators: validators(1) },
      { from: 12n, validators: validators(1, 1) },
    ])
    expect([9n, 10n, 11n, 12n, 99n].map((height) => powerAt(history, height))).toEqual([undefined, 1n, 1n, 2n, 2n])
    history.update([{ from: 12n, validators: validators(1, 1) }])
    history.update([{ from: 13n, validators: validators(1, 1) }])
    expect([10n, 11n, 12n, 13n].map((height) => powerAt(history, height))).toEqual([1n, 1n, 2n, 2n])
  })

  it('keeps one object while the set stays the same, and replaces what was scheduled otherwise', () => {
    const history = new ValidatorHistory([
      { from: 1n, validators: validators(1) },
      { from: 9n, validators: validators(5) },
    ])
    const set = history.at(1n)
    history.update([
      { from: 2n, validators: validators(1) },
      { from: 7n, validators: validators(3) },
      { from: 9n, validators: validators(5) },
    ])
    expect(history.at(2n)).toBe(set)
    expect([6n, 7n, 8n, 9n].map((height) => powerAt(history, height))).toEqual([1n, 3n, 3n, 5n])
  })

  it('is bounded', () => {
    const history = new ValidatorHistory([{ from: 1n, validators: validators(1) }])
    for (let height = 2; height < 200; height++)
      history.update([{ from: BigInt(height), validators: validators(height) }])
    expect(powerAt(history, 199n)).toBe(199n)
    expect(powerAt(history, BigInt(199 - MAX_PAST_SETS))).toBe(BigInt(199 - MAX_PAST_SETS))
    expect(powerAt(history, BigInt(198 - MAX_PAST_SETS))).toBeUndefined()
  })
})
