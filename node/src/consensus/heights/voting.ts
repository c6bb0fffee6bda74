/** Makes this node's own proposals and votes: gathers what must be remembered with them, and has them signed. */
import { keyOf } from '../../codec/bytes.ts'
import type { Block } from '../../types/block.ts'
import { polkaOf, type RestoredHeight, type RoundValue, type TendermintState } from '../core/tendermint.ts'
import { type BlockId, indexedSignatures, type Step, type Vote, type VoteType } from '../core/vote.ts'
import type { BlockForm } from '../proposals/blockForm.ts'
import { type ProposedBlocks, withAll } from '../proposals/proposedBlocks.ts'
import { blockHashOf, proposalContent, STEP_PREVOTE, STEP_PROPOSAL, voteContent } from '../signing/signBytes.ts'
import type { RestoredSigning, Signer, SignOutcome } from '../signing/signer.ts'
import type { KeptValue, SignedMessage } from '../signing/signerRecord.ts'
import { contentsHash, encodeContents } from '../wire/contents.ts'
import { encodeProposal, type ProposalMessage } from '../wire/messages.ts'

/** A refusal of the signer, in words. */
export type Signed<T> = { readonly ok: true; readonly value: T } | Extract<SignOutcome, { ok: false }>

export class Voting {
  readonly #signer: Signer
  readonly #genesisHash: Uint8Array
  readonly #form: BlockForm
  /** The kept values of a height, by round: encoding one copies a block. Only the locked and the valid one stay. */
  #kept = new Map<number, KeptValue>()
  #keptHeight = 0n

  constructor(signer: Signer, genesisHash: Uint8Array, form: BlockForm) {
    this.#signer = signer
    this.#genesisHash = genesisHash
    this.#form = form
  }

  /** Not to be sent before `flush`. */
  vote(
    state: TendermintState,
    blocks: ProposedBlocks,
    type: VoteType,
    round: number,
    id: BlockId | null,
  ): Signed<Vote> {
    const outcome = this.#signer.sign({
      content: voteContent(this.#genesisHash, state.height, round, type, blockHashOf(id)),
      locked: this.#keep(state, blocks, state.locked),
      valid: this.#keep(state, blocks, state.valid),
    })
    if (!outcome.ok) return outcome
    const { signature } = outcome
    return { ok: true, value: { type, height: state.height, round, id, validator: state.self!, signature } }
  }

  /** `value` is what is proposed again, with its round; null for a new block. Not to be sent before `flush`. */
  proposal(
    state: TendermintState,
    blocks: ProposedBlocks,
    round: number,
    block: Block,
    value: RoundValue | null,
  ): Signed<ProposalMessage> {
    const validRound = value?.round ?? -1
    const contents = encodeContents(block.transactions)
    const unsigned: Omit<ProposalMessage, 'signature'> = {
      kind: 'proposal',
      attempt: 0,
      height: state.height,
      round,
      validRound,
      blockHash: block.hash,
      head: this.#form.head(block),
      contents,
      contentsHash: contentsHash(contents),
      transactions: [],
      polka: value === null ? [] : indexedSignatures(polkaOf(state, value)),
    }
    const { height } = state
    const listHash = unsigned.contentsHash
    const outcome = this.#signer.sign({
      content: proposalContent(this.#genesisHash, height, round, validRound, block.hash, listHash),
      locked: this.#keep(state, blocks, state.locked),
      valid: this.#keep(state, blocks, state.valid),
      proposal: (signature) => encodeProposal(withAll({ ...unsigned, signature }, block)),
    })
    if (!outcome.ok) return outcome
    return { ok: true, value: { ...unsigned, signature: outcome.signature } }
  }

  /** See {@link Signer.reaches}. */
  reaches(height: bigint): boolean {
    return this.#signer.reaches(height)
  }

  /** Resolves when what was signed is on disk. @throws when it could not be written. */
  flush(): Promise<void> {
    return this.#signer.flush()
  }

  #keep(state: TendermintState, blocks: ProposedBlocks, value: RoundValue | null): KeptValue | null {
    if (value === null) return null
    if (this.#keptHeight !== state.height) {
      this.#kept.clear()
      this.#keptHeight = state.height
    }
    const known = this.#kept.get(value.round)
    if (known !== undefined) return known
    const message = blocks.wholeProposal(value.round, value.id)
    if (message === undefined) throw new Error(`consensus: the locked block ${value.id} is not at hand`)
    const kept: KeptValue = {
      round: value.round,
      blockHash: message.blockHash,
      proposal: encodeProposal({ ...message, attempt: 0 }),
      polka: indexedSignatures(polkaOf(state, value)),
    }
    for (const round of this.#kept.keys()) {
      if (round !== state.locked?.round && round !== state.valid?.round) this.#kept.delete(round)
    }
    this.#kept.set(value.round, kept)
    return kept
  }
}

/** Where the state machine goes on after a restart: at the newest thing that was signed. */
export function restoredHeight({ signed, locked, valid }: RestoredSigning): RestoredHeight {
  const { round, step } = signed.at(-1)!.content
  return { round, step: STEPS[step], locked: roundValue(locked), valid: roundValue(valid) }
}

/** A signed vote of this node, as the state machine takes it; null for a proposal. */
export function restoredVote({ content, signature }: SignedMessage, self: number): Vote | null {
  if (content.step === STEP_PROPOSAL) return null
  return {
    type: content.step === STEP_PREVOTE ? 'prevote' : 'precommit',
    height: content.height,
    round: content.round,
    id: content.blockHash === null ? null : keyOf(content.blockHash),
    validator: self,
    signature,
  }
}

/** The prevotes that made a kept value valid. */
export function keptPolka(height: bigint, { round, blockHash, polka }: KeptValue): readonly Vote[] {
  const id = keyOf(blockHash)
  return polka.map(({ index, signature }) => ({ type: 'prevote', height, round, id, validator: index, signature }))
}

const STEPS: Readonly<Record<0 | 1 | 2, Step>> = { 0: 'propose', 1: 'prevote', 2: 'precommit' }

function roundValue(kept: KeptValue | null): RoundValue | null {
  return kept === null ? null : { id: keyOf(kept.blockHash), round: kept.round }
}
