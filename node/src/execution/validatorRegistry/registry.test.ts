import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { ed25519PublicKey } from '../../crypto/ed25519.ts'
import { MAX_VALIDATOR_POWER, MAX_VALIDATORS } from '../../types/genesisCodec.ts'
import {
  approve,
  initialRegistry,
  MAX_NOTICE,
  MAX_SCHEDULED,
  propose,
  type RegisteredValidator,
  scheduledHeights,
  type ValidatorRegistry,
  validatorsAt,
} from './registry.ts'
import { decodeRegistry, encodeRegistry } from './registryStorage.ts'

const validator = (seed: number, power = 1n): RegisteredValidator => ({
  publicKey: ed25519PublicKey(new Uint8Array(32).fill(seed)),
  power,
  feeRecipient: new Uint8Array(20).fill(seed),
  operator: new Uint8Array(20).fill(0x80 + seed),
})
const operator = (seed: number) => validator(seed).operator
const genesis = [1, 2, 3, 4].map((seed) => validator(seed))
const first = initialRegistry(genesis)!

/** The registry after a call that must succeed. */
function done(outcome: ReturnType<typeof propose>): ValidatorRegistry {
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.registry
}

function reasonOf(outcome: ReturnType<typeof propose>): string {
  return outcome.ok ? 'none' : outcome.reason
}

/** Proposed by operator 1 and approved by 2 and 3, in block `at`. */
function decided(registry: ValidatorRegistry, change: RegisteredValidator, effective: bigint, at: bigint) {
  const id = registry.nextId
  const proposed = done(propose(registry, operator(1), change, effective, at))
  return done(approve(done(approve(proposed, operator(2), id, at)), operator(3), id, at))
}

const seeds = (registry: ValidatorRegistry, height: bigint) =>
  validatorsAt(registry, height).map(({ feeRecipient, power }) => `${feeRecipient[0]}:${power}`)

describe('the validator registry', () => {
  it('is there only when every validator has an operator', () => {
    const { operator: _, ...without } = genesis[0]!
    expect(initialRegistry([without, ...genesis.slice(1)])).toBeNull()
    expect(seeds(first, 1n)).toEqual(['1:1', '2:1', '3:1', '4:1'])
  })

  it('lets a validator join, leave and change weight from the stated height on, not before', () => {
    let registry = decided(first, validator(5, 2n), 20n, 10n)
    registry = decided(registry, { ...validator(2), power: 7n }, 21n, 10n)
    registry = decided(registry, { ...validator(3), power: 0n }, 22n, 10n)
    expect(seeds(registry, 19n)).toEqual(['1:1', '2:1', '3:1', '4:1'])
    expect(seeds(registry, 20n)).toEqual(['1:1', '2:1', '3:1', '4:1', '5:2'])
    expect(seeds(registry, 21n)).toEqual(['1:1', '2:7', '3:1', '4:1', '5:2'])
    expect(seeds(registry, 22n)).toEqual(['1:1', '2:7', '4:1', '5:2'])
    expect(scheduledHeights(registry, 10n)).toEqual([20n, 21n, 22n])
    expect(scheduledHeights(registry, 21n)).toEqual([22n])
  })

  it('needs more than two thirds: three of four equal ones, and exactly two thirds are too few', () => {
    const proposed = done(propose(first, operator(1), validator(5), 20n, 10n))
    const two = done(approve(proposed, operator(2), 1n, 10n))
    expect(scheduledHeights(two, 10n)).toEqual([])
    expect(scheduledHeights(done(approve(two, operator(3), 1n, 10n)), 10n)).toEqual([20n])
    const three = initialRegistry(genesis.slice(0, 3))!
    const twoOfThree = done(approve(done(propose(three, operator(1), validator(5), 20n, 10n)), operator(2), 1n, 10n))
    expect(scheduledHeights(twoOfThree, 10n)).toEqual([])
  })

  it('counts power, of the set at the time of the last approval', () => {
    const heavy = initialRegistry([validator(1, 5n), ...genesis.slice(1)])!
    expect(scheduledHeights(done(propose(heavy, operator(1), validator(5), 20n, 10n)), 10n)).toEqual([])
    const heavier = initialRegistry([validator(1, 7n), ...genesis.slice(1)])!
    expect(scheduledHeights(done(propose(heavier, operator(1), validator(5), 20n, 10n)), 10n)).toEqual([20n])
    // Operator 2 approves, leaves, and does not count any more.
    let registry = done(propose(first, operator(4), validator(5), 50n, 10n))
    registry = done(approve(registry, operator(2), 1n, 10n))
    registry = decided(registry, { ...validator(2), power: 0n }, 20n, 10n)
    registry = done(approve(registry, operator(3), 1n, 30n))
    expect(seeds(registry, 50n)).toEqual(['1:1', '3:1', '4:1'])
    expect(seeds(done(approve(registry, operator(1), 1n, 30n)), 50n)).toEqual(['1:1', '3:1', '4:1', '5:1'])
  })

  it('refuses who is no operator, what is late, twice, or of an unknown change', () => {
    expect(reasonOf(propose(first, operator(9), validator(5), 20n, 10n))).toContain('only the operator')
    const proposed = done(propose(first, operator(1), validator(5), 20n, 10n))
    expect(reasonOf(approve(proposed, operator(9), 1n, 10n))).toContain('only the operator')
    expect(reasonOf(approve(proposed, operator(1), 1n, 10n))).toContain('has this approval')
    expect(reasonOf(approve(proposed, operator(2), 2n, 10n))).toContain('no open change 2')
    expect(reasonOf(approve(proposed, operator(2), 1n, 18n))).toBe('none')
    expect(reasonOf(approve(proposed, operator(2), 1n, 19n))).toContain('no open change 1')
    const scheduled = decided(first, validator(5), 20n, 10n)
    expect(reasonOf(approve(scheduled, operator(4), 1n, 10n))).toContain('scheduled already')
  })

  it('refuses keys, powers and heights out of range', () => {
    const refused = (change: RegisteredValidator, effective = 20n) =>
      reasonOf(propose(first, operator(1), change, effective, 10n))
    expect(refused({ ...validator(5), publicKey: new Uint8Array(32) })).toContain('small order')
    expect(refused(validator(5, MAX_VALIDATOR_POWER + 1n))).toContain('power')
    expect(refused(validator(5, MAX_VALIDATOR_POWER))).toBe('none')
    expect(refused({ ...validator(5), operator: new Uint8Array(20) })).toContain('zero address')
    expect(refused(validator(5), 11n)).toContain('too soon: 12')
    expect(refused(validator(5), 12n)).toBe('none')
    expect(refused(validator(5), 10n + MAX_NOTICE)).toBe('none')
    expect(refused(validator(5), 11n + MAX_NOTICE)).toContain('too late')
  })

  it('never leaves a set that cannot decide', () => {
    const two = initialRegistry([validator(1, 10n), validator(2)])!
    const leave = (registry: ValidatorRegistry, seed: number, effective: bigint) =>
      propose(registry, operator(1), { ...validator(seed), power: 0n }, effective, 10n)
    const one = done(leave(two, 2, 20n))
    expect(reasonOf(leave(one, 1, 21n))).toContain('no validator would be left at height 21')
    expect(reasonOf(leave(one, 2, 21n))).toContain('it is no validator then')
    // Before it has left it may still leave, but then the scheduled one cannot.
    expect(reasonOf(leave(one, 2, 19n))).toContain('at height 20: it is no validator then')
    const many = Array.from({ length: MAX_VALIDATORS }, (_, index) => validator(index + 1, index === 0 ? 1_000n : 1n))
    const full = initialRegistry(many)!
    expect(reasonOf(propose(full, operator(1), validator(200), 20n, 10n))).toContain(`at most ${MAX_VALIDATORS}`)
  })

  it('keeps one open change of each proposer and a bounded number scheduled', () => {
    let registry = done(propose(first, operator(1), validator(5), 20n, 10n))
    registry = done(propose(registry, operator(1), validator(6), 20n, 10n))
    expect(registry.changes.map(({ id }) => id)).toEqual([2n])
    expect(reasonOf(approve(registry, operator(2), 1n, 10n))).toContain('was replaced')
    let alone = initialRegistry([validator(1)])!
    for (let index = 0; index < MAX_SCHEDULED; index++) {
      alone = done(propose(alone, operator(1), validator(1, BigInt(index + 2)), 1_000n + BigInt(index), 10n))
    }
    expect(reasonOf(propose(alone, operator(1), validator(1), 900n, 10n))).toContain(`${MAX_SCHEDULED} changes`)
    expect(reasonOf(propose(alone, operator(1), validator(1), 1_900n, 1_000n))).toBe('none')
  })

  it('takes in what is in force, and comes back from its bytes as it was', () => {
    const registry = decided(first, validator(5), 20n, 10n)
    const later = done(propose(registry, operator(5), validator(6), 40n, 25n))
    expect(later.changes.map(({ id }) => id)).toEqual([2n])
    expect(later.validators.length).toBe(5)
    for (const each of [first, registry, later]) expect(decodeRegistry(encodeRegistry(each))).toEqual(each)
  })

  it('under random calls every set has someone, nobody twice, and no past set changes', () => {
    const random = seededRandom(4)
    let registry = first
    const past: string[] = []
    for (let height = 1n; height < 400n; height += 1n) {
      past.push(seeds(registry, height).join())
      for (let call = 0; call < 4; call++) {
        const by = operator(1 + random.below(8))
        const change = validator(1 + random.below(8), BigInt(random.below(3)))
        const outcome =
          random.below(3) === 0
            ? propose(registry, by, change, height + BigInt(random.below(12)), height)
            : approve(registry, by, registry.nextId - 1n - BigInt(random.below(3)), height)
        if (!outcome.ok) continue
        // The sets that decide this height and the next are settled: no call may change it.
        for (const near of [height, height + 1n]) {
          expect(seeds(outcome.registry, near)).toEqual(seeds(registry, near))
        }
        registry = outcome.registry
      }
      const now = validatorsAt(registry, height)
      expect(now.length).toBeGreaterThan(0)
      expect(new Set(now.map(({ feeRecipient }) => feeRecipient[0])).size).toBe(now.length)
    }
    expect(new Set(past).size).toBeGreaterThan(10)
  })
})
