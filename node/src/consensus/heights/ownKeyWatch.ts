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
import type { Proposal, Vote } from '../core/vote.ts'
import { type SignedContent, STEP_PRECOMMIT, STEP_PROPOSAL } from '../signing/signBytes.ts'
import type { Validators } from './validators.ts'
import { hashOf, stepOfVote } from './voting.ts'

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
  checkMessages(set: ValidatorSet, votes: readonly Vote[], proposal: Omit<Proposal, 'timely'> | null): boolean {
    const self = this.#self(set)
    if (self === null) return false
    for (const vote of votes) {
      if (vote.validator === self && this.#isForeign(contentOfVote(vote))) return true
    }
    return proposal?.validator === self && this.#isForeign(contentOfProposal(proposal))
  }

  /** Looks for such a precommit in the certificate of a height that this set decided. */
  checkCertificate(set: ValidatorSet, { height, round, blockHash, signatures }: Certificate): void {
    const self = this.#self(set)
    if (self === null || !signatures.some(({ index }) => index === self)) return
    this.#isForeign({ height, round, step: STEP_PRECOMMIT, validRound: -1, blockHash, contentsHash: null })
  }

  /** Null where there is nothing to notice, or nothing more. */
  #self(set: ValidatorSet): number | null {
    return this.#found === null ? this.#validators.ownIndex(set) : null
  }

  #isForeign(content: Omit<SignedContent, 'genesisHash'>): boolean {
    const { signer, genesisHash, logger } = this.#options
    if (signer?.disowns({ ...content, genesisHash }) !== true) return false
    const { height, round, step } = content
    this.#found = { height, round, step: STEP_NAMES[step] }
    logger.error(
      { height: String(height), round, step: STEP_NAMES[step] },
      "a message was signed with this validator's key and not by this node: another node runs with the key, or the record " +
        'of signatures is an older copy. This node signs nothing more until it is started again (docs/devnet.md, "A node of your own")',
    )
    return true
  }
}

function contentOfVote({ type, height, round, id }: Vote): Omit<SignedContent, 'genesisHash'> {
  return { height, round, step: stepOfVote(type), validRound: -1, blockHash: hashOf(id), contentsHash: null }
}

function contentOfProposal(proposal: Omit<Proposal, 'timely'>): Omit<SignedContent, 'genesisHash'> {
  const { height, round, validRound, id, contentsHash } = proposal
  return { height, round, step: STEP_PROPOSAL, validRound, blockHash: hashOf(id), contentsHash }
}
