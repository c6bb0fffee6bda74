/** The set that decides each height, as far as this node knows it, and the node's own place in it. */
import type { ConsensusOptions } from '../consensus.ts'
import { indexOfKey, type ValidatorSet } from '../core/validatorSet.ts'

export class Validators {
  readonly #options: Pick<ConsensusOptions, 'validatorSet' | 'signer'>

  constructor(options: Pick<ConsensusOptions, 'validatorSet' | 'signer'>) {
    this.#options = options
  }

  /** Null for a height so long ago that this node does not know its set any more, or too far ahead. */
  at(height: bigint): ValidatorSet | null {
    const { validatorSet } = this.#options
    return typeof validatorSet === 'function' ? validatorSet(height) : validatorSet
  }

  /**
   * Whether the set of `height` may be another than the one known now, at the height `current`: changes are scheduled two
   * heights before.
   */
  mayChange(current: bigint, height: bigint): boolean {
    return typeof this.#options.validatorSet === 'function' && height > current + 1n
  }

  /** Null for a node that only follows. */
  ownIndex(set: ValidatorSet): number | null {
    const { signer } = this.#options
    return signer === null ? null : indexOfKey(set, signer.publicKey)
  }
}
