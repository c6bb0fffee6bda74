/**
 * Turns a decoded message into inputs for the state machine, or names its fault. Cheap checks first: a signature is
 * verified only when the message would change something, and once.
 */
import { keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import type { Block } from '../types/block.ts'
import type { ChainIdentity } from '../types/genesis.ts'
import type { IndexedSignature, ProposalMessage, VoteMessage } from './messages.ts'
import type { ProposedBlocks } from './proposedBlocks.ts'
import { proposalSignBytes, type Verify, voteSignBytes } from './signBytes.ts'
import { proposerOf, type TendermintState, useOfProposalIn, useOfVoteIn } from './tendermint.ts'
import type { Proposal, Vote } from './vote.ts'

export interface Admission {
  /** Verified, and new. */
  readonly votes: readonly Vote[]
  /** Why the sender is to blame: no correct node sends or passes on such a message. */
  readonly fault: string | null
}

export interface ProposalAdmission extends Admission {
  /** Null when it is of no use, or at fault. */
  readonly accepted: { readonly proposal: Omit<Proposal, 'timely'>; readonly block: Block } | null
}

export interface Verifier extends ChainIdentity {
  readonly verify: Verify
}

/** Votes before a faulty one are still good. */
export function admitVotes(state: TendermintState, messages: readonly VoteMessage[], verifier: Verifier): Admission {
  const votes: Vote[] = []
  for (const { type, round, blockHash, index, signature } of messages) {
    const validator = state.validators.validators[index]
    if (validator === undefined) return { votes, fault: `vote of validator ${index}, who is not in the set` }
    const id = blockHash === null ? null : keyOf(blockHash)
    const vote: Vote = { type, height: state.height, round, id, validator: index, signature }
    if (useOfVoteIn(state, vote) !== 'new' || votes.some((other) => isSameVote(other, vote))) continue
    const bytes = voteSignBytes(verifier.genesisHash, state.height, round, type, blockHash)
    if (!verifier.verify(signature, bytes, validator.publicKey)) {
      return { votes, fault: `${type} of validator ${index} in round ${round}: the signature does not verify` }
    }
    votes.push(vote)
  }
  return { votes, fault: null }
}

export function admitProposal(
  state: TendermintState,
  message: ProposalMessage,
  blocks: ProposedBlocks,
  verifier: Verifier,
): ProposalAdmission {
  // The polka first: it is of use even when the proposal is known, in case someone stripped it from the first copy.
  const polka = admitVotes(state, polkaVotes(message), verifier)
  const refuse = (fault: string | null): ProposalAdmission => ({ votes: polka.votes, accepted: null, fault })
  if (polka.fault !== null) return refuse(polka.fault)
  const { height, round, validRound, blockHash, signature } = message
  const id = keyOf(blockHash)
  if (useOfProposalIn(state, { round, id, validRound }) !== 'new') return refuse(null)
  const proposer = proposerOf(state, round)
  const bytes = proposalSignBytes(verifier.genesisHash, height, round, validRound, blockHash)
  if (!verifier.verify(signature, bytes, state.validators.validators[proposer]!.publicKey)) {
    return refuse(`proposal of round ${round} is not signed by its proposer, validator ${proposer}`)
  }
  try {
    const block = blocks.decode(message)
    const proposal = { height, round, id, validRound, validator: proposer, signature }
    return { votes: polka.votes, accepted: { proposal, block }, fault: null }
  } catch (error) {
    if (error instanceof CodecError) return refuse(`proposal of round ${round}: ${error.message}`)
    throw error
  }
}

/** The prevotes a proposal's polka certificate stands for. */
export function polkaVotes(message: ProposalMessage): readonly VoteMessage[] {
  const { validRound: round, blockHash } = message
  return message.polka.map(({ index, signature }) => ({ type: 'prevote', round, blockHash, index, signature }))
}

export function indexedSignatures(votes: readonly Vote[]): readonly IndexedSignature[] {
  return votes.map(({ validator, signature }) => ({ index: validator, signature }))
}

function isSameVote(a: Vote, b: Vote): boolean {
  return a.type === b.type && a.round === b.round && a.id === b.id && a.validator === b.validator
}
