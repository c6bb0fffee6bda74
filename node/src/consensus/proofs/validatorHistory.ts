/**
 * The validator sets of a chain whose set can change, by height: those in force since this node started, and those
 * scheduled. Kept current after each commit. Older sets are not known here; nothing about it is decided without it.
 */
import type { GenesisValidator } from '../../types/genesis.ts'
import { createValidatorSet, sameValidators, type ValidatorSet } from '../core/validatorSet.ts'

/** Sets that are not in force any more, kept to check certificates and evidence of their heights. */
export const MAX_PAST_SETS = 64

/** A set, in force from a height on until the next one is. */
export interface Activation {
  readonly from: bigint
  readonly validators: readonly GenesisValidator[]
}

export class ValidatorHistory {
  /** Ascending. */
  #sets: readonly { readonly from: bigint; readonly set: ValidatorSet }[] = []

  constructor(activations: readonly Activation[]) {
    this.update(activations)
  }

  /** Of a later height than any known change: the newest, as far as is known now. Null: older than what is kept. */
  at(height: bigint): ValidatorSet | null {
    return this.#sets.findLast(({ from }) => from <= height)?.set ?? null
  }

  /** Takes in the sets known after a commit: the set of the next height, then those scheduled. */
  update(activations: readonly Activation[]): void {
    const [next] = activations
    if (next === undefined) throw new Error('validator history: there is no set for the next height')
    const past = this.#sets.filter(({ from }) => from < next.from)
    const current = past.at(-1)?.set
    // As long as it stays the same, it is the same object, in force since then.
    const goesOn = current !== undefined && sameValidators(current.validators, next.validators)
    const later = (goesOn ? activations.slice(1) : activations).map(({ from, validators }) => ({
      from,
      set: createValidatorSet(validators),
    }))
    this.#sets = [...past.slice(-MAX_PAST_SETS), ...later]
  }
}
