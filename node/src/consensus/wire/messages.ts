/**
 * The messages that consensus gossips, as RLP. Decoding is strict: one encoding for every message, every number
 * bounded, so that a message's content hash identifies it. docs/protocol/consensus.md has the formats in prose.
 *
 *   proposal      [1, attempt, height, round, validRound + 1, blockHash, head, contents, places, transactions, signature,
 *                  [[index, signature]...]]
 *   votes         [2, attempt, height, round, wantsProposal, [[step, round, blockHash | "", index, signature]...]]
 *   announcement  [3, attempt, certificate]                                               (topic `block`)
 *   evidence      [4, evidence]                                                           (topic `block`)
 *
 * `attempt` is not signed: it tells a repetition from the first sending, because gossip drops bytes it has seen.
 */
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from '../../chain/limits.ts'
import { concatBytes, EMPTY_BYTES } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../codec/rlp.ts'
import {
  bytesField,
  fixedBytesField,
  integerField,
  integerItem,
  listField,
  MAX_UINT64,
  numberField,
  tupleField,
} from '../../codec/rlpFields.ts'
import type { Certificate } from '../../types/certificate.ts'
import { decodeCertificate, encodeCertificate, MAX_ROUND } from '../../types/certificateCodec.ts'
import { MAX_VALIDATORS } from '../../types/genesisCodec.ts'
import type { IndexedSignature, VoteType } from '../core/vote.ts'
import type { Evidence } from '../proofs/evidence.ts'
import { evidenceField, evidenceItem } from '../proofs/evidenceCodec.ts'
import { checkContents, contentsHash, countListed, listedLength, MAX_CONTENTS_BYTES } from './contents.ts'

/** Fields, a header, and a polka certificate of every validator. */
const MAX_PROPOSAL_OVERHEAD = 4_096 + MAX_VALIDATORS * 72
/** A proposal with all transactions of its block, as a validator's own record keeps it. */
export const MAX_PROPOSAL_BYTES =
  MAX_PROPOSAL_OVERHEAD + MAX_CONTENTS_BYTES + Math.ceil(MAX_BLOCK_TRANSACTIONS / 8) + MAX_BLOCK_BYTES
/** Both votes of every validator in two rounds, or in one and as many more of equivocators. */
export const MAX_VOTES_PER_BUNDLE = 4 * MAX_VALIDATORS
/** A vote takes at most 110 bytes. */
export const MAX_BUNDLE_BYTES = 256 + MAX_VOTES_PER_BUNDLE * 110
const MAX_PROOF_BYTES = 256 + MAX_VALIDATORS * 72
const MAX_ATTEMPT = 0xffffffff

const KIND_PROPOSAL = 1
const KIND_VOTES = 2
const KIND_ANNOUNCEMENT = 3
const KIND_EVIDENCE = 4

export interface PlacedTransaction {
  readonly index: number
  readonly raw: Uint8Array
}

export interface ProposalMessage {
  readonly kind: 'proposal'
  readonly attempt: number
  readonly height: bigint
  readonly round: number
  /** -1: a new value. */
  readonly validRound: number
  /** Signed; `head` must have it. */
  readonly blockHash: Uint8Array
  /** The part of the block that its hash is of. */
  readonly head: Uint8Array
  /** The list of its transactions, see contents.ts. Its hash is signed. */
  readonly contents: Uint8Array
  readonly contentsHash: Uint8Array
  /** Those that come with it, ascending by their place. Not signed: each is known by its hash. */
  readonly transactions: readonly PlacedTransaction[]
  /** Of the proposer of (height, round). */
  readonly signature: Uint8Array
  /** Prevotes of `validRound` for this block, ascending by index; empty for a new value. */
  readonly polka: readonly IndexedSignature[]
}

export interface VoteMessage {
  readonly type: VoteType
  readonly round: number
  readonly blockHash: Uint8Array | null
  readonly index: number
  readonly signature: Uint8Array
}

export interface VotesMessage {
  readonly kind: 'votes'
  readonly attempt: number
  readonly height: bigint
  /** The sender's round: those ahead answer with what it may lack. Not signed, a hint only. */
  readonly round: number
  /** The sender has no proposal of `round`. */
  readonly wantsProposal: boolean
  /** All of `height`, of any rounds. */
  readonly votes: readonly VoteMessage[]
}

export interface AnnouncementMessage {
  readonly kind: 'announcement'
  readonly attempt: number
  readonly certificate: Certificate
}

/** Not repeated under another number: the same evidence is the same bytes from everyone. */
export interface EvidenceMessage {
  readonly kind: 'evidence'
  readonly evidence: Evidence
}

export type ConsensusMessage = ProposalMessage | VotesMessage

/** Messages that a receiver checks with nothing but the validator set. */
export type ProofMessage = AnnouncementMessage | EvidenceMessage

export function encodeProposal(message: ProposalMessage): Uint8Array {
  return encodeRlp([
    integerItem(KIND_PROPOSAL),
    integerItem(message.attempt),
    integerItem(message.height),
    integerItem(message.round),
    integerItem(message.validRound + 1),
    message.blockHash,
    message.head,
    message.contents,
    ...encodePlaced(message),
    message.signature,
    message.polka.map(({ index, signature }) => [integerItem(index), signature]),
  ])
}

export function encodeVotes(message: VotesMessage): Uint8Array {
  return encodeRlp([
    integerItem(KIND_VOTES),
    integerItem(message.attempt),
    integerItem(message.height),
    integerItem(message.round),
    integerItem(message.wantsProposal ? 1 : 0),
    message.votes.map((vote) => [
      integerItem(vote.type === 'prevote' ? 1 : 2),
      integerItem(vote.round),
      vote.blockHash ?? EMPTY_BYTES,
      integerItem(vote.index),
      vote.signature,
    ]),
  ])
}

export function encodeAnnouncement(message: AnnouncementMessage): Uint8Array {
  return encodeRlp([
    integerItem(KIND_ANNOUNCEMENT),
    integerItem(message.attempt),
    encodeCertificate(message.certificate),
  ])
}

export function encodeEvidence(evidence: Evidence): Uint8Array {
  return encodeRlp([integerItem(KIND_EVIDENCE), evidenceItem(evidence)])
}

/** A message of topic `consensus`. @throws CodecError: the sender is to blame. */
export function decodeConsensusMessage(raw: Uint8Array): ConsensusMessage {
  const item = decodeRlp(raw, { maxDepth: 3, maxItems: 16 + 6 * MAX_VOTES_PER_BUNDLE, maxBytes: MAX_PROPOSAL_BYTES })
  const fields = listField(item, 'message')
  const kind = numberField(fields[0], KIND_ANNOUNCEMENT, 'kind')
  if (kind === KIND_PROPOSAL) return decodeProposal(item)
  if (kind === KIND_VOTES) return decodeVotes(item, raw.length)
  throw new CodecError('out-of-range', 'kind', `${kind} on topic consensus; 1 (proposal) or 2 (votes) is allowed`)
}

/** A message of topic `block`. @throws CodecError. */
export function decodeProof(raw: Uint8Array): ProofMessage {
  const item = decodeRlp(raw, { maxDepth: 3, maxItems: 18, maxBytes: MAX_PROOF_BYTES })
  const kind = numberField(listField(item, 'message')[0], KIND_EVIDENCE, 'kind')
  if (kind === KIND_ANNOUNCEMENT) return decodeAnnouncement(item)
  if (kind !== KIND_EVIDENCE) {
    throw new CodecError('out-of-range', 'kind', `${kind} on topic block; 3 (announcement) or 4 (evidence) is allowed`)
  }
  const f = tupleField(item, 2, 'evidence')
  return { kind: 'evidence', evidence: evidenceField(f[1], 'evidence') }
}

function decodeAnnouncement(item: RlpItem): AnnouncementMessage {
  const f = tupleField(item, 3, 'announcement')
  return {
    kind: 'announcement',
    attempt: numberField(f[1], MAX_ATTEMPT, 'attempt'),
    certificate: decodeCertificate(bytesField(f[2], 'certificate')),
  }
}

function decodeProposal(item: RlpItem): ProposalMessage {
  const f = tupleField(item, 12, 'proposal')
  const round = numberField(f[3], MAX_ROUND, 'round')
  const validRound = numberField(f[4], MAX_ROUND, 'validRound') - 1
  if (validRound >= round) throw new CodecError('out-of-range', 'validRound', `${validRound} is not below ${round}`)
  const polka = boundedList(f[11], MAX_VALIDATORS, 'polka').map((entry, position) => indexedSignature(entry, position))
  if (validRound < 0 && polka.length > 0) {
    throw new CodecError('wrong-shape', 'polka', 'a new value has no polka; the list must be empty')
  }
  for (let i = 1; i < polka.length; i++) {
    if (polka[i]!.index <= polka[i - 1]!.index) throw new CodecError('out-of-range', `polka[${i}]`, 'must ascend')
  }
  const contents = bytesField(f[7], 'contents')
  return {
    kind: 'proposal',
    attempt: numberField(f[1], MAX_ATTEMPT, 'attempt'),
    height: integerField(f[2], MAX_UINT64, 'height'),
    round,
    validRound,
    blockHash: fixedBytesField(f[5], 32, 'blockHash'),
    head: bytesField(f[6], 'head'),
    contents,
    contentsHash: contentsHash(contents),
    transactions: decodePlaced(contents, bytesField(f[8], 'places'), bytesField(f[9], 'transactions')),
    signature: fixedBytesField(f[10], 64, 'signature'),
    polka,
  }
}

/**
 * A bit for each transaction of the list, from the highest of the first byte, and the transactions whose bits are set, one
 * after the other; both empty when there are none.
 */
function encodePlaced({ contents, transactions }: ProposalMessage): [Uint8Array, Uint8Array] {
  if (transactions.length === 0) return [EMPTY_BYTES, EMPTY_BYTES]
  const places = new Uint8Array(Math.ceil(countListed(contents) / 8))
  for (const { index } of transactions) places[index >> 3]! |= 0x80 >> (index & 7)
  return [places, concatBytes(...transactions.map(({ raw }) => raw))]
}

function decodePlaced(contents: Uint8Array, places: Uint8Array, bytes: Uint8Array): readonly PlacedTransaction[] {
  checkContents(contents)
  const count = countListed(contents)
  if (places.length !== 0 && places.length !== Math.ceil(count / 8)) {
    throw new CodecError('wrong-length', 'places', `${places.length} bytes for ${count} transactions`)
  }
  const transactions: PlacedTransaction[] = []
  let at = 0
  for (let index = 0; index < 8 * places.length; index++) {
    if ((places[index >> 3]! & (0x80 >> (index & 7))) === 0) continue
    if (index >= count) throw new CodecError('out-of-range', 'places', `there is no transaction ${index}`)
    const length = listedLength(contents, index)
    transactions.push({ index, raw: bytes.subarray(at, at + length) })
    at += length
  }
  if (at !== bytes.length) {
    throw new CodecError('wrong-length', 'transactions', `${bytes.length} bytes, the list says ${at}`)
  }
  if (places.length !== 0 && transactions.length === 0) {
    throw new CodecError('wrong-length', 'places', 'without a transaction they must be empty')
  }
  return transactions
}

function decodeVotes(item: RlpItem, length: number): VotesMessage {
  if (length > MAX_BUNDLE_BYTES) {
    throw new CodecError('rlp-too-large', 'votes', `${length} bytes, at most ${MAX_BUNDLE_BYTES} are allowed`)
  }
  const f = tupleField(item, 6, 'votes')
  return {
    kind: 'votes',
    attempt: numberField(f[1], MAX_ATTEMPT, 'attempt'),
    height: integerField(f[2], MAX_UINT64, 'height'),
    round: numberField(f[3], MAX_ROUND, 'round'),
    wantsProposal: numberField(f[4], 1, 'wantsProposal') === 1,
    votes: boundedList(f[5], MAX_VOTES_PER_BUNDLE, 'votes').map(decodeVote),
  }
}

function decodeVote(item: RlpItem, position: number): VoteMessage {
  const field = `votes[${position}]`
  const f = tupleField(item, 5, field)
  const step = numberField(f[0], 2, `${field}.step`)
  if (step === 0) throw new CodecError('out-of-range', `${field}.step`, '1 (prevote) or 2 (precommit) is allowed')
  const hash = bytesField(f[2], `${field}.blockHash`)
  if (hash.length !== 0 && hash.length !== 32) {
    throw new CodecError('wrong-length', `${field}.blockHash`, `${hash.length} bytes, expected 32, or 0 for nil`)
  }
  return {
    type: step === 1 ? 'prevote' : 'precommit',
    round: numberField(f[1], MAX_ROUND, `${field}.round`),
    blockHash: hash.length === 0 ? null : hash,
    index: numberField(f[3], MAX_VALIDATORS - 1, `${field}.index`),
    signature: fixedBytesField(f[4], 64, `${field}.signature`),
  }
}

function indexedSignature(item: RlpItem, position: number): IndexedSignature {
  const f = tupleField(item, 2, `polka[${position}]`)
  return {
    index: numberField(f[0], MAX_VALIDATORS - 1, `polka[${position}].index`),
    signature: fixedBytesField(f[1], 64, `polka[${position}].signature`),
  }
}

function boundedList(item: RlpItem | undefined, max: number, field: string): readonly RlpItem[] {
  const list = listField(item, field)
  if (list.length > max) throw new CodecError('out-of-range', field, `${list.length} entries, at most ${max}`)
  return list
}
