/** The proposals of one height whose signatures were checked, by what they state. Two of one round are evidence. */
import { keyOf } from '../../codec/bytes.ts'
import { supportOf } from '../core/roundLog.ts'
import { roundLog, type TendermintState } from '../core/tendermint.ts'
import { includesCorrect } from '../core/validatorSet.ts'
import type { ProposalStatement } from '../core/vote.ts'
import { MAX_STATEMENTS_PER_ROUND, MAX_STATEMENTS_WITH_SUPPORT } from '../limits.ts'
import { conflictingProposals, type Evidence } from '../proofs/evidence.ts'
import type { ProposalMessage } from '../wire/messages.ts'

export class Statements {
  readonly #genesisHash: Uint8Array
  readonly #onEvidence: (evidence: Evidence) => Promise<void>
  readonly #rounds = new Map<number, Map<string, ProposalStatement>>()

  constructor(genesisHash: Uint8Array, onEvidence: (evidence: Evidence) => Promise<void>) {
    this.#genesisHash = genesisHash
    this.#onEvidence = onEvidence
  }

  /**
   * Whether another proposal of its round may be checked. A proposer of bad faith can sign any number of lists, and
   * each costs work: some are enough of one round, and more for a block that may have a quorum.
   */
  hasRoom(state: TendermintState, message: ProposalMessage): boolean {
    const stated = this.#rounds.get(message.round)?.size ?? 0
    if (stated < MAX_STATEMENTS_PER_ROUND) return true
    const support = supportOf(roundLog(state, message.round), keyOf(message.blockHash))
    return includesCorrect(state.validators, support) && stated < MAX_STATEMENTS_WITH_SUPPORT
  }

  /**
   * The signature of a proposal was checked: a second statement for its round is evidence, whether or not the blocks come.
   */
  async note(proposal: ProposalStatement): Promise<void> {
    const stated = this.#rounds.get(proposal.round) ?? new Map<string, ProposalStatement>()
    this.#rounds.set(proposal.round, stated)
    const name = `${proposal.id}/${proposal.validRound}/${keyOf(proposal.contentsHash)}`
    const [first] = stated.values()
    if (stated.has(name)) return
    stated.set(name, proposal)
    if (first !== undefined) await this.#onEvidence(conflictingProposals(this.#genesisHash, first, proposal))
  }

  /** Forgets the rounds before `round`. */
  prune(round: number): void {
    for (const of of this.#rounds.keys()) if (of < round) this.#rounds.delete(of)
  }
}
