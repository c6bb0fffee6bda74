/**
 * Proof that a validator signed two different things for one height, round and step. Anyone can check it from the
 * validator set alone. Kept in memory, bounded; the newest is dropped when full, because the first faults tell most.
 */
import { equalBytes } from '../codec/bytes.ts'
import { fromHex } from '../codec/hex.ts'
import { type SignedContent, STEP_PRECOMMIT, STEP_PREVOTE, STEP_PROPOSAL, signBytes, type Verify } from './signBytes.ts'
import type { ValidatorSet } from './validatorSet.ts'
import type { Proposal, Vote } from './vote.ts'

/** In all, and of one validator: one equivocator must not push out what another did. */
export const MAX_EVIDENCE = 64
export const MAX_EVIDENCE_PER_VALIDATOR = 8

export interface SignedStatement {
  readonly content: SignedContent
  readonly signature: Uint8Array
}

export interface Evidence {
  /** Index in the validator set of the height. */
  readonly validator: number
  /** Both of one height, round and step. */
  readonly first: SignedStatement
  readonly second: SignedStatement
}

export function verifyEvidence(
  evidence: Evidence,
  set: ValidatorSet,
  genesisHash: Uint8Array,
  verify: Verify,
): boolean {
  const { first, second } = evidence
  const publicKey = set.validators[evidence.validator]?.publicKey
  if (publicKey === undefined) return false
  const a = first.content
  const b = second.content
  if (!equalBytes(a.genesisHash, genesisHash) || !equalBytes(b.genesisHash, genesisHash)) return false
  if (a.height !== b.height || a.round !== b.round || a.step !== b.step) return false
  const firstBytes = signBytes(a)
  const secondBytes = signBytes(b)
  if (equalBytes(firstBytes, secondBytes)) return false
  return verify(first.signature, firstBytes, publicKey) && verify(second.signature, secondBytes, publicKey)
}

/** Returns the list with the evidence, or the same list when it is full. */
export function keepEvidence(kept: readonly Evidence[], evidence: Evidence): readonly Evidence[] {
  if (kept.length >= MAX_EVIDENCE) return kept
  const ofValidator = kept.filter((other) => other.validator === evidence.validator)
  return ofValidator.length >= MAX_EVIDENCE_PER_VALIDATOR ? kept : [...kept, evidence]
}

export function conflictingVotes(genesisHash: Uint8Array, first: Vote, second: Vote): Evidence {
  const statement = ({ type, height, round, id, signature }: Vote): SignedStatement => ({
    content: {
      genesisHash,
      height,
      round,
      step: type === 'prevote' ? STEP_PREVOTE : STEP_PRECOMMIT,
      validRound: -1,
      blockHash: id === null ? null : fromHex(`0x${id}`),
    },
    signature,
  })
  return { validator: first.validator, first: statement(first), second: statement(second) }
}

export function conflictingProposals(genesisHash: Uint8Array, first: Proposal, second: Proposal): Evidence {
  const statement = ({ height, round, id, validRound, signature }: Proposal): SignedStatement => ({
    content: { genesisHash, height, round, step: STEP_PROPOSAL, validRound, blockHash: fromHex(`0x${id}`) },
    signature,
  })
  return { validator: first.validator, first: statement(first), second: statement(second) }
}
