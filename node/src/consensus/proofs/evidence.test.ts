import { describe, expect, it } from 'vitest'
import { CodecError } from '../../codec/codecError.ts'
import { encodeRlp } from '../../codec/rlp.ts'
import { integerItem } from '../../codec/rlpFields.ts'
import { ed25519Verify } from '../../crypto/ed25519.ts'
import { createMemoryStore } from '../../runtime/memoryStore.ts'
import type { Certificate } from '../../types/certificate.ts'
import { createValidatorSet } from '../core/validatorSet.ts'
import type { Proposal, Vote } from '../core/vote.ts'
import { proposalSignBytes, voteSignBytes } from '../signing/signBytes.ts'
import { signingKey } from '../signing/signer.ts'
import { decodeProof, encodeEvidence } from '../wire/messages.ts'
import { conflictingProposals, conflictingVotes, type Evidence, verifyEvidence } from './evidence.ts'
import { evidenceItem } from './evidenceCodec.ts'
import {
  FaultRecord,
  type KeptEvidence,
  MAX_EVIDENCE,
  MAX_EVIDENCE_PER_VALIDATOR,
  openFaultRecord,
} from './faultRecord.ts'

const GENESIS = new Uint8Array(32).fill(0x6e)
const OTHER_GENESIS = new Uint8Array(32).fill(0x6f)
const HASH = new Uint8Array(32).fill(0xab)
const ID = 'ab'.repeat(32)
const keys = [1, 2, 3, 4].map((byte) => signingKey(new Uint8Array(32).fill(byte)))
const set = createValidatorSet(
  keys.map(({ publicKey }) => ({ publicKey, power: 1n, feeRecipient: new Uint8Array(20) })),
)

function precommit(id: string | null, { round = 2, genesis = GENESIS, key = 2 } = {}): Vote {
  const signature = keys[key]!.sign(voteSignBytes(genesis, 7n, round, 'precommit', id === null ? null : HASH))
  return { type: 'precommit', height: 7n, round: 2, id, validator: 2, signature }
}

function proposal(validRound: number, list = 1): Proposal {
  const contentsHash = new Uint8Array(32).fill(list)
  const signature = keys[2]!.sign(proposalSignBytes(GENESIS, 7n, 2, validRound, HASH, contentsHash))
  return { height: 7n, round: 2, id: ID, validRound, contentsHash, validator: 2, signature, timely: true }
}

const holds = (evidence: Evidence, genesis = GENESIS) => verifyEvidence(evidence, set, genesis, ed25519Verify)
const evidence = conflictingVotes(GENESIS, precommit(ID), precommit(null))

describe('evidence', () => {
  it('holds against the validator that signed both, and no other', () => {
    expect(holds(evidence)).toBe(true)
    expect(holds(conflictingProposals(GENESIS, proposal(-1), proposal(1)))).toBe(true)
    // One block with two lists of transactions.
    expect(holds(conflictingProposals(GENESIS, proposal(-1), proposal(-1, 2)))).toBe(true)
    expect(holds(conflictingProposals(GENESIS, proposal(-1), proposal(-1)))).toBe(false)
    expect(holds({ ...evidence, validator: 1 })).toBe(false)
    expect(holds({ ...evidence, validator: 4 })).toBe(false)
  })

  it('is the same whichever message was seen first', () => {
    expect(conflictingVotes(GENESIS, precommit(null), precommit(ID))).toEqual(evidence)
    expect(holds({ ...evidence, first: evidence.second, second: evidence.first })).toBe(false)
  })

  it('is none when both say the same', () => {
    expect(holds(conflictingVotes(GENESIS, precommit(ID), precommit(ID)))).toBe(false)
  })

  it('needs both signatures, of this round and this chain', () => {
    expect(holds(conflictingVotes(GENESIS, precommit(ID), precommit(null, { round: 3 })))).toBe(false)
    expect(holds(conflictingVotes(GENESIS, precommit(ID, { round: 3 }), precommit(null)))).toBe(false)
    // A chain that started again with the same keys.
    expect(holds(conflictingVotes(GENESIS, precommit(ID), precommit(null, { genesis: OTHER_GENESIS })))).toBe(false)
    expect(holds(conflictingVotes(GENESIS, precommit(ID), precommit(null, { key: 1 })))).toBe(false)
    expect(holds(evidence, OTHER_GENESIS)).toBe(false)
  })

  it('comes back from the wire as it was', () => {
    for (const each of [evidence, conflictingProposals(GENESIS, proposal(-1), proposal(1))]) {
      expect(decodeProof(encodeEvidence(each))).toEqual({ kind: 'evidence', evidence: each })
    }
  })

  it('is refused in a form that no message has', () => {
    const refused = (changed: Evidence) => {
      expect(() => decodeProof(encodeEvidence(changed))).toThrow(CodecError)
    }
    refused({ ...evidence, first: { ...evidence.first, validRound: 0 } })
    refused({ ...evidence, first: { ...evidence.first, blockHash: new Uint8Array(31) } })
    refused({ ...evidence, second: { ...evidence.second, signature: new Uint8Array(63) } })
    refused({ ...evidence, step: 0 })
    refused({ ...evidence, validator: 128 })
    expect(() => decodeProof(encodeRlp([integerItem(5), evidenceItem(evidence)]))).toThrow(CodecError)
    expect(() => decodeProof(encodeRlp([integerItem(4), evidenceItem(evidence), []]))).toThrow(CodecError)
  })
})

describe('FaultRecord', () => {
  const kept = (round: number, validator = 2): KeptEvidence => ({
    ...evidence,
    round,
    validator,
    publicKey: new Uint8Array(32).fill(validator + 1),
    feeRecipient: new Uint8Array(20).fill(9),
    seenAt: 8n,
  })
  const certificate: Certificate = { chainId: 1n, height: 7n, round: 0, blockHash: HASH, signatures: [] }
  const other = { ...certificate, blockHash: new Uint8Array(32) }

  it('keeps one of each validator and position, within bounds of each validator and of all', async () => {
    const record = new FaultRecord()
    await record.keep(kept(0))
    expect(record.wants(kept(0), kept(0).publicKey)).toBe(false)
    expect(record.wants(kept(0), kept(0, 1).publicKey)).toBe(true)
    for (let round = 1; round < MAX_EVIDENCE_PER_VALIDATOR; round++) {
      expect(record.wants(kept(round), kept(round).publicKey)).toBe(true)
      await record.keep(kept(round))
    }
    expect(record.wants(kept(100), kept(100).publicKey)).toBe(false)
    for (let validator = 3; record.evidence().length < MAX_EVIDENCE; validator++) await record.keep(kept(0, validator))
    expect(record.wants(kept(0, 100), kept(0, 100).publicKey)).toBe(false)
  })

  it('remembers across a restart', async () => {
    const store = createMemoryStore()
    const record = await openFaultRecord(store, GENESIS)
    await record.keep(kept(3))
    await record.keep(kept(1, 0))
    await record.keepFork([certificate, other])
    await record.keepFork([other, certificate])
    const again = await openFaultRecord(store, GENESIS)
    expect(again.evidence()).toEqual([kept(1, 0), kept(3)])
    expect(again.wants(kept(3), kept(3).publicKey)).toBe(false)
    expect(again.fork()).toEqual([certificate, other])
    await expect(openFaultRecord(store, OTHER_GENESIS)).rejects.toThrow('its own data directory')
  })
})
