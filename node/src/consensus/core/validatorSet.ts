/**
 * The validators of a height and the arithmetic of their voting power.
 *
 * Algorithm 1 counts processes (2f + 1 of 3f + 1); with weights the same thresholds are fractions of the total power W:
 * a quorum is strictly more than 2W/3, so two quorums share more than W/3; "f + 1" is at least W/3, because the faulty
 * power is below W/3 and so a third contains someone correct. Bigint throughout: no rounding.
 */
import type { GenesisValidator } from '../../types/genesis.ts'
import { MAX_VALIDATORS } from '../../types/genesisCodec.ts'

export type Validator = GenesisValidator

export interface ValidatorSet {
  readonly validators: readonly Validator[]
  readonly totalPower: bigint
}

/** @throws Error when empty, too large, a power is not positive, or a key appears twice: the genesis is wrong. */
export function createValidatorSet(validators: readonly Validator[]): ValidatorSet {
  if (validators.length === 0) throw new Error('validator set: no validators; a chain needs at least one')
  if (validators.length > MAX_VALIDATORS) {
    throw new Error(`validator set: ${validators.length} validators, at most ${MAX_VALIDATORS} are allowed`)
  }
  let totalPower = 0n
  for (const [index, { power, publicKey }] of validators.entries()) {
    if (power <= 0n) throw new Error(`validator set: validator ${index} has power ${power}; it must be positive`)
    if (publicKey.length !== 32) throw new Error(`validator set: key ${index} has ${publicKey.length} bytes, not 32`)
    if (validators.findIndex((other) => sameBytes(other.publicKey, publicKey)) !== index) {
      throw new Error(`validator set: validator ${index} has the key of an earlier one`)
    }
    totalPower += power
  }
  return { validators, totalPower }
}

/** Strictly more than two thirds: "2f + 1". */
export function isQuorum(set: ValidatorSet, power: bigint): boolean {
  return power * 3n > set.totalPower * 2n
}

/** At least a third, so at least one correct validator: "f + 1". */
export function includesCorrect(set: ValidatorSet, power: bigint): boolean {
  return power * 3n >= set.totalPower
}

export function powerOf(set: ValidatorSet, index: number): bigint {
  return set.validators[index]?.power ?? 0n
}

/** Position of the key in the set, or null: not a validator of this height. */
export function indexOfKey(set: ValidatorSet, publicKey: Uint8Array): number | null {
  const index = set.validators.findIndex((validator) => sameBytes(validator.publicKey, publicKey))
  return index < 0 ? null : index
}

/** The same keys with the same power and fee recipients in the same order: the same set hash. */
export function sameValidators(left: readonly Validator[], right: readonly Validator[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ publicKey, power, feeRecipient }, index) => {
      const other = right[index]!
      return (
        power === other.power && sameBytes(publicKey, other.publicKey) && sameBytes(feeRecipient, other.feeRecipient)
      )
    })
  )
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
