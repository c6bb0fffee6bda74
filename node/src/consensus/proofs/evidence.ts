/**
 * Proof that a validator signed two different things for one height, round and step. Anyone can check it from the
 * validator set of the height alone.
 */
import { compareBytes } from '../../codec/bytes.ts'
import type { ValidatorSet } from '../core/validatorSet.ts'
import type { ProposalStatement, Vote } from '../core/vote.ts'
import {
  blockHashOf,
  type SignedContent,
  type SignedStep,
  STEP_PROPOSAL,
  signBytes,
  stepOfVote,
  type Verify,
} from '../signing/signBytes.ts'

/** One of the two: what was signed at the position, and the signature. */
export interface Statement {
  /** -1 for votes and new values. */
  readonly validRound: number
  /** Null: nil. */
  readonly blockHash: Uint8Array | null
  /** Of a proposal's list of transactions; null for votes. */
  readonly contentsHash: Uint8Array | null
  /** ed25519, 64 bytes. */
  readonly signature: Uint8Array
}

export interface Evidence {
  /** Index in the validator set of the height. */
  readonly validator: number
  readonly height: bigint
  readonly round: number
  readonly step: SignedStep
  /** The one with the lower sign bytes, so that two nodes that saw the same make the same of it. */
  readonly first: Statement
  readonly second: Statement
}

/** The content the validator signed, in full: {@link signBytes} gives the bytes. */
export function signedContent(evidence: Evidence, statement: Statement, genesisHash: Uint8Array): SignedContent {
  const { height, round, step } = evidence
  const { validRound, blockHash, contentsHash } = statement
  return { genesisHash, height, round, step, validRound, blockHash, contentsHash }
}

export function verifyEvidence(
  evidence: Evidence,
  set: ValidatorSet,
  genesisHash: Uint8Array,
  verify: Verify,
): boolean {
  const publicKey = set.validators[evidence.validator]?.publicKey
  if (publicKey === undefined) return false
  const { first, second } = evidence
  const firstBytes = signBytes(signedContent(evidence, first, genesisHash))
  const secondBytes = signBytes(signedContent(evidence, second, genesisHash))
  // In this order only: the same two messages make one evidence, not two.
  if (compareBytes(firstBytes, secondBytes) >= 0) return false
  return verify(first.signature, firstBytes, publicKey) && verify(second.signature, secondBytes, publicKey)
}

/** Of one validator, height, round and type, for different values. */
export function conflictingVotes(genesisHash: Uint8Array, first: Vote, second: Vote): Evidence {
  const statement = ({ id, signature }: Vote): Statement => ({
    validRound: -1,
    blockHash: blockHashOf(id),
    contentsHash: null,
    signature,
  })
  return inOrder(genesisHash, { ...first, step: stepOfVote(first.type) }, statement(first), statement(second))
}

/** Of one validator, height and round, for different values, or with different valid rounds or lists of transactions. */
export function conflictingProposals(
  genesisHash: Uint8Array,
  first: ProposalStatement,
  second: ProposalStatement,
): Evidence {
  const statement = ({ id, validRound, contentsHash, signature }: ProposalStatement): Statement => ({
    validRound,
    blockHash: blockHashOf(id),
    contentsHash,
    signature,
  })
  return inOrder(genesisHash, { ...first, step: STEP_PROPOSAL }, statement(first), statement(second))
}

type Position = Pick<Evidence, 'validator' | 'height' | 'round' | 'step'>

function inOrder(
  genesisHash: Uint8Array,
  { validator, height, round, step }: Position,
  a: Statement,
  b: Statement,
): Evidence {
  const position = { validator, height, round, step }
  const evidence = { ...position, first: a, second: b }
  const bytesOf = (statement: Statement) => signBytes(signedContent(evidence, statement, genesisHash))
  return compareBytes(bytesOf(a), bytesOf(b)) <= 0 ? evidence : { ...position, first: b, second: a }
}
