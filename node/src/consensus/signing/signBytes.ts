/**
 * The bytes that validators sign: fixed width, so that no two messages share bytes. Integers are unsigned and big-endian.
 *
 *   offset  length  field
 *        0      21  ASCII "touchstone/consensus/" : nothing else is signed with these keys under this tag
 *       21       1  version, 3
 *       22       1  step: 0 proposal, 1 prevote, 2 precommit
 *       23      32  genesis hash: commits to the chain id, and to which of the chains with that id it is
 *       55       8  height
 *       63       4  round
 *       67       4  valid round + 1 of a proposal (0: a new value); 0 for votes
 *       71       1  1: for the block whose hash follows; 0: nil, and the hash is zero
 *       72      32  block hash
 *      104      32  sha256 of the list of transactions of a proposal, see contents.ts; zero for votes
 */
import { fromHex } from '../../codec/hex.ts'
import type { BlockId } from '../core/vote.ts'

export const SIGN_BYTES_LENGTH = 136
export const STEP_PROPOSAL = 0
export const STEP_PREVOTE = 1
export const STEP_PRECOMMIT = 2

export type SignedStep = typeof STEP_PROPOSAL | typeof STEP_PREVOTE | typeof STEP_PRECOMMIT

const TAG = new TextEncoder().encode('touchstone/consensus/')
const VERSION = 3

export interface SignedContent {
  /** Of the chain, 32 bytes. */
  readonly genesisHash: Uint8Array
  readonly height: bigint
  readonly round: number
  readonly step: SignedStep
  /** -1 for votes and new values. */
  readonly validRound: number
  /** Null: nil. */
  readonly blockHash: Uint8Array | null
  /** Hash of a proposal's list of transactions; null for votes. */
  readonly contentsHash: Uint8Array | null
}

export function signBytes(content: SignedContent): Uint8Array {
  const out = new Uint8Array(SIGN_BYTES_LENGTH)
  const view = new DataView(out.buffer)
  out.set(TAG, 0)
  out[21] = VERSION
  out[22] = content.step
  out.set(content.genesisHash, 23)
  view.setBigUint64(55, content.height, false)
  view.setUint32(63, content.round, false)
  view.setUint32(67, content.validRound + 1, false)
  if (content.blockHash !== null) {
    out[71] = 1
    out.set(content.blockHash, 72)
  }
  if (content.contentsHash !== null) out.set(content.contentsHash, 104)
  return out
}

/** The 32 bytes; null for nil. */
export function blockHashOf(id: BlockId): Uint8Array
export function blockHashOf(id: BlockId | null): Uint8Array | null
export function blockHashOf(id: BlockId | null): Uint8Array | null {
  return id === null ? null : fromHex(`0x${id}`)
}

export function stepOfVote(type: 'prevote' | 'precommit'): SignedStep {
  return type === 'prevote' ? STEP_PREVOTE : STEP_PRECOMMIT
}

/** `blockHash`: null for nil. */
export function voteContent(
  genesisHash: Uint8Array,
  height: bigint,
  round: number,
  type: 'prevote' | 'precommit',
  blockHash: Uint8Array | null,
): SignedContent {
  return { genesisHash, height, round, step: stepOfVote(type), validRound: -1, blockHash, contentsHash: null }
}

export function voteSignBytes(...vote: Parameters<typeof voteContent>): Uint8Array {
  return signBytes(voteContent(...vote))
}

export function proposalContent(
  genesisHash: Uint8Array,
  height: bigint,
  round: number,
  validRound: number,
  blockHash: Uint8Array,
  contentsHash: Uint8Array,
): SignedContent {
  return { genesisHash, height, round, step: STEP_PROPOSAL, validRound, blockHash, contentsHash }
}

export function proposalSignBytes(...proposal: Parameters<typeof proposalContent>): Uint8Array {
  return signBytes(proposalContent(...proposal))
}

/** The inverse of `signBytes`, for a node's own record. @throws Error: the record is damaged. */
export function parseSignBytes(bytes: Uint8Array): SignedContent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const step = bytes[22]
  if (bytes.length !== SIGN_BYTES_LENGTH || bytes[21] !== VERSION || step === undefined || step > STEP_PRECOMMIT) {
    throw new Error(`sign bytes: ${bytes.length} bytes that are no version ${VERSION} message`)
  }
  return {
    genesisHash: bytes.slice(23, 55),
    height: view.getBigUint64(55, false),
    round: view.getUint32(63, false),
    step: step as SignedStep,
    validRound: view.getUint32(67, false) - 1,
    blockHash: bytes[71] === 1 ? bytes.slice(72, 104) : null,
    contentsHash: step === STEP_PROPOSAL ? bytes.slice(104) : null,
  }
}

/** Checks an ed25519 signature; a simulation hands in a cheaper one. */
export type Verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean
