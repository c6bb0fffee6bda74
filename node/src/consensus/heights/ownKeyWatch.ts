/**
 * Notices what was signed with this validator's key and is not in its record: another node runs with the key, or the record
 * is an older copy. Both would have this node sign two things for one step, so it signs nothing more until it is started
 * again, by an operator who knows better. Nobody without the key can bring that about.
 *
 * The messages looked at are verified and are about to count. docs/protocol/consensus.md says which the signer disowns.
 */
import type { Certificate } from '../../types/certificate.ts'
import type { ConsensusOptions, TwinMessage } from '../consensus.ts'
import type { ValidatorSet } from '../core/validatorSet.ts'
import type { ProposalStatement, Vote } from '../core/vote.ts'
import { blockHashOf, proposalContent, type SignedContent, voteContent } from '../signing/signBytes.ts'
import type { Validators } from './validators.ts'

/** By the numbers that sign bytes have for them. */
const STEP_NAMES = ['proposal', 'prevote', 'precommit'] as const

export class OwnKeyWatch {
  readonly #options: Pick<ConsensusOptions, 'signer' | 'genesisHash' | 'logger'>
  readonly #validators: Validators
  #found: TwinMessage | null = null

  constructor(options: Pick<ConsensusOptions, 'signer' | 'genesisHash' | 'logger'>, validators: Validators) {
    this.#options = options
    this.#validators = validators
  }

  /** The first that was noticed. */
  get found(): TwinMessage | null {
    return this.#found
  }

  /** True once: here is the first message that our key signed and we did not. `proposal`: null where there is none. */
  checkMessages(set: ValidatorSet, votes: readonly Vote[], proposal: ProposalStatement | null): boolean {
    const self = this.#self(set)
    if (self === null) return false
    const { genesisHash } = this.#options
    for (const { validator, height, round, type, id } of votes) {
      if (validator !== self) continue
      if (this.#isForeign(voteContent(genesisHash, height, round, type, blockHashOf(id)))) return true
    }
    if (proposal?.validator !== self) return false
    const { height, round, validRound, id, contentsHash } = proposal
    return this.#isForeign(proposalContent(genesisHash, height, round, validRound, blockHashOf(id), contentsHash))
  }

  /** Looks for such a precommit in the certificate of a height that this set decided. */
  checkCertificate(set: ValidatorSet, { height, round, blockHash, signatures }: Certificate): void {
    const self = this.#self(set)
    if (self === null || !signatures.some(({ index }) => index === self)) return
    this.#isForeign(voteContent(this.#options.genesisHash, height, round, 'precommit', blockHash))
  }

  /** Null where there is nothing to notice, or nothing more. */
  #self(set: ValidatorSet): number | null {
    return this.#found === null ? this.#validators.ownIndex(set) : null
  }

  #isForeign(content: SignedContent): boolean {
    const { signer, logger } = this.#options
    if (signer?.disowns(content) !== true) return false
    const { height, round, step } = content
    this.#found = { height, round, step: STEP_NAMES[step] }
    logger.error(
      { ...this.#found, height: String(height) },
      "a message was signed with this validator's key and not by this node: another node runs with the key, or the record " +
        'of signatures is an older copy. This node signs nothing more until it is started again (docs/devnet.md, "A node of your own")',
    )
    return true
  }
}
