/**
 * Turns a decoded message into inputs for the state machine, or names its fault. Cheap checks first: a signature is
 * verified only when the message would change something, and once.
 *
 * A part that is skipped for being known or of no use was not verified, and a node that lacks it would verify it. So a
 * message is passed on only when it is `whole`: each of its parts was verified, now or before, byte for byte. Then no
 * correct node passes on what another correct node finds faulty, whatever each of them happens to know: a fault is the
 * sender's own.
 */
import { equalBytes, keyOf } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import type { ChainIdentity } from '../../types/genesis.ts'
import { isFarRound } from '../core/futureRounds.ts'
import {
  proposerOf,
  storedProposalIn,
  storedVoteIn,
  type TendermintState,
  useOfProposalIn,
  useOfVoteIn,
} from '../core/tendermint.ts'
import type { ProposalStatement, Vote } from '../core/vote.ts'
import type { BlockForm } from '../proposals/blockForm.ts'
import { type ReadProposal, readProposal } from '../proposals/proposedBlocks.ts'
import { proposalSignBytes, type Verify, voteSignBytes } from '../signing/signBytes.ts'
import type { ProposalMessage, VoteMessage } from '../wire/messages.ts'
import { type PeerFault, peerFault } from './peerFault.ts'

export interface Admission {
  /** Verified, and new. */
  readonly votes: readonly Vote[]
  /** Every part of the message was verified, or has the bytes of what was verified before. */
  readonly whole: boolean
  /** Why the sender is to blame: no correct node sends or passes on such a message. */
  readonly fault: PeerFault | null
}

export interface ProposalAdmission extends Admission {
  /** Null when it is of no use, or at fault. */
  readonly accepted: { readonly proposal: ProposalStatement; readonly read: ReadProposal } | null
}

export interface Verifier extends ChainIdentity {
  readonly verify: Verify
}

/** Which of the votes that change nothing are verified: none, or those that are not here with the same signature. */
type Extent = 'new' | 'all'

/** Votes before a faulty one are still good. */
export function admitVotes(
  state: TendermintState,
  messages: readonly VoteMessage[],
  verifier: Verifier,
  extent: Extent = 'new',
): Admission {
  const votes: Vote[] = []
  const farthest = farthestRounds(state, messages)
  let whole = true
  for (const { type, round, blockHash, index, signature } of messages) {
    const validator = state.validators.validators[index]
    const faulty = (fault: PeerFault): Admission => ({ votes, whole: false, fault })
    if (validator === undefined) {
      return faulty(peerFault('unknown-validator', `vote of validator ${index}, which is not in the set`))
    }
    const id = blockHash === null ? null : keyOf(blockHash)
    const vote: Vote = { type, height: state.height, round, id, validator: index, signature }
    const known = votes.find((other) => isSameVote(other, vote)) ?? storedVoteIn(state, vote)
    if (known !== undefined && equalBytes(known.signature, signature)) continue
    const willBeLeft = isFarRound(state, round) && round < farthest.get(index)!
    const isNew = known === undefined && useOfVoteIn(state, vote) === 'new' && !willBeLeft
    if (!isNew && extent === 'new') {
      whole = false
      continue
    }
    const bytes = voteSignBytes(verifier.genesisHash, state.height, round, type, blockHash)
    if (!verifier.verify(signature, bytes, validator.publicKey)) {
      const what = `${type} of validator ${index} in round ${round}: the signature does not verify`
      return faulty(peerFault('bad-signature', what))
    }
    if (isNew) votes.push(vote)
  }
  return { votes, whole, fault: null }
}

export function admitProposal(
  state: TendermintState,
  message: ProposalMessage,
  form: BlockForm,
  verifier: Verifier,
  /** False: it waits for its block already, or there were enough of its round. Its polka is of use all the same. */
  isWanted = true,
): ProposalAdmission {
  const { height, round, validRound, blockHash, contentsHash, signature } = message
  const id = keyOf(blockHash)
  const use = useOfProposalIn(state, { round, id, validRound })
  const isNew = use === 'new' && isWanted
  // Nobody but the proposer makes proposals that are new, and few of them: so only their polkas are verified in full.
  if (isNew) {
    const fault = faultOfSignature(state, message, verifier)
    if (fault !== null) return refused(fault)
  }
  // The polka of a known proposal is of use too, in case someone stripped it from the first copy.
  const polka = admitVotes(state, polkaVotes(message), verifier, isNew ? 'all' : 'new')
  if (polka.fault !== null) return { ...polka, accepted: null }
  if (!isNew) {
    if (use === 'excess' || polka.votes.length === 0 || !polka.whole) return { ...polka, whole: false, accepted: null }
    const known = storedProposalIn(state, { round, id, validRound })
    const isKnown = known?.contentsHash !== undefined && equalBytes(known.contentsHash, contentsHash)
    const isSigned = isKnown && equalBytes(known.signature, signature)
    const fault = isSigned ? null : faultOfSignature(state, message, verifier)
    if (fault !== null) return refused(fault, polka.votes)
  }
  try {
    const read = readProposal(message, form)
    if (!isNew) return { ...polka, accepted: null }
    const proposal = { height, round, id, validRound, contentsHash, validator: proposerOf(state, round), signature }
    return { ...polka, accepted: { proposal, read } }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    return refused(peerFault('bad-encoding', `proposal of round ${round}: ${error.message}`), polka.votes)
  }
}

function refused(fault: PeerFault, votes: readonly Vote[] = []): ProposalAdmission {
  return { votes, whole: false, accepted: null, fault }
}

/** Null when the proposer of the round signed the proposal. */
function faultOfSignature(state: TendermintState, message: ProposalMessage, verifier: Verifier): PeerFault | null {
  const { height, round, validRound, blockHash, contentsHash, signature } = message
  const proposer = proposerOf(state, round)
  const bytes = proposalSignBytes(verifier.genesisHash, height, round, validRound, blockHash, contentsHash)
  if (verifier.verify(signature, bytes, state.validators.validators[proposer]!.publicKey)) return null
  return peerFault('bad-signature', `proposal of round ${round} is not signed by its proposer, validator ${proposer}`)
}

/**
 * Of each validator's rounds beyond the window, the farthest. Only that one will be kept, so only its votes are verified:
 * otherwise one message could bring hundreds that each look new.
 */
function farthestRounds(state: TendermintState, messages: readonly VoteMessage[]): ReadonlyMap<number, number> {
  const farthest = new Map<number, number>()
  for (const { index, round } of messages) {
    if (isFarRound(state, round) && round > (farthest.get(index) ?? 0)) farthest.set(index, round)
  }
  return farthest
}

/** The prevotes a proposal's polka certificate stands for. */
export function polkaVotes(message: ProposalMessage): readonly VoteMessage[] {
  const { validRound: round, blockHash } = message
  return message.polka.map(({ index, signature }) => ({ type: 'prevote', round, blockHash, index, signature }))
}

function isSameVote(a: Vote, b: Vote): boolean {
  return a.type === b.type && a.round === b.round && a.id === b.id && a.validator === b.validator
}
