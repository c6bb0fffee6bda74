/** The engine's handling of faults of others: evidence found, heard and passed on; a fork that stops it, for good. */
import { describe, expect, it } from 'vitest'
import { SILENT_LOGGER } from '../../testing/logger.ts'
import { loneNetwork } from '../../testing/loneNetwork.ts'
import { manualClock } from '../../testing/manualClock.ts'
import { keyOf } from '../codec/bytes.ts'
import type { Topic } from '../network/network.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import type { Consensus } from './consensus.ts'
import { createValidatorSet } from './core/validatorSet.ts'
import type { Vote } from './core/vote.ts'
import { startConsensus } from './engine.ts'
import { evidenceView } from './evidenceView.ts'
import { DEVNET_TIMEOUTS, EVIDENCE_DELAY, EVIDENCE_INTERVAL, timeoutOf } from './limits.ts'
import { buildCertificate } from './proofs/certificate.ts'
import { conflictingVotes } from './proofs/evidence.ts'
import { FaultRecord, openFaultRecord } from './proofs/faultRecord.ts'
import { STEP_PREVOTE, voteSignBytes } from './signing/signBytes.ts'
import { type Signer, signingKey } from './signing/signer.ts'
import { decodeConsensusMessage, encodeEvidence, encodeVotes } from './wire/messages.ts'

const GENESIS = new Uint8Array(32).fill(0x6e)
const CHAIN_ID = 31337n
const keys = [1, 2, 3, 4].map((byte) => signingKey(new Uint8Array(32).fill(byte)))
const set = createValidatorSet(
  keys.map(({ publicKey }, index) => ({ publicKey, power: 1n, feeRecipient: new Uint8Array(20).fill(index) })),
)
const HASHES = [0xa, 0xb, 0xc].map((fill) => new Uint8Array(32).fill(fill))

/** A follower of a chain whose blocks are nothing but hashes. */
function follow(faults = new FaultRecord(), signer: Signer | null = null) {
  const clock = manualClock()
  const committed: Certificate[] = []
  const network = loneNetwork()
  const engine: Consensus = startConsensus({
    application: {
      propose: () => Promise.reject(new Error('a follower builds nothing')),
      validate: async () => ({ ok: true }),
      finalize: async (_block, certificate) => void committed.push(certificate),
      hasWork: () => false,
      onWork: () => () => {},
    },
    network,
    signer,
    validatorSet: set,
    chainId: CHAIN_ID,
    genesisHash: GENESIS,
    head: 0n,
    clock,
    logger: SILENT_LOGGER,
    storedCertificate: async (height) => committed.find((certificate) => certificate.height === height) ?? null,
    faults,
  })
  return {
    engine,
    sent: network.sent,
    clock,
    committed,
    hear: (message: Uint8Array, topic: Topic, from = 'peer') => network.gossip.get(topic)!(message, from),
    meet: () => network.meet('new'),
  }
}

function vote(validator: number, blockHash: Uint8Array | null, height = 1n, round = 0): Vote {
  const signature = keys[validator]!.sign(voteSignBytes(GENESIS, height, round, 'precommit', blockHash))
  const id = blockHash === null ? null : keyOf(blockHash)
  return { type: 'precommit', height, round, id, validator, signature }
}

function votesMessage(validator: number, blockHash: Uint8Array | null): Uint8Array {
  const { signature } = vote(validator, blockHash)
  const votes = [{ type: 'precommit', round: 0, blockHash, index: validator, signature } as const]
  return encodeVotes({ kind: 'votes', attempt: 0, height: 1n, round: 0, wantsProposal: false, votes })
}

function certified(height: bigint, hash: Uint8Array, parentHash = new Uint8Array(32)): [Block, Certificate] {
  const block = { hash, raw: hash, header: { number: height, parentHash }, transactions: [] } as unknown as Block
  const votes = [1, 2, 3].map((validator) => vote(validator, hash, height))
  return [block, buildCertificate(CHAIN_ID, votes)]
}

const evidence = conflictingVotes(GENESIS, vote(2, HASHES[0]!), vote(2, HASHES[1]!))

describe('evidence', () => {
  it('is found in votes, gossiped once, and taken by who hears it', async () => {
    const finder = follow()
    await finder.hear(votesMessage(2, HASHES[0]!), 'consensus')
    await finder.hear(votesMessage(2, HASHES[1]!), 'consensus')
    await finder.hear(votesMessage(2, HASHES[2]!), 'consensus')
    await finder.clock.advance(1)
    const found = finder.sent.filter(({ topic }) => topic === 'block')
    expect(found.map(({ message }) => message)).toEqual([encodeEvidence(evidence)])

    const hearer = follow()
    expect(await hearer.hear(found[0]!.message, 'block')).toBe('accept')
    expect(await hearer.hear(found[0]!.message, 'block')).toBe('ignore')
    const [kept] = hearer.engine.status().evidence
    expect(kept).toEqual({
      ...evidence,
      publicKey: keys[2]!.publicKey,
      feeRecipient: new Uint8Array(20).fill(2),
      seenAt: 1n,
    })
    const view = evidenceView(kept!, GENESIS)
    expect(view).toMatchObject({ kind: 'conflicting-precommits', validator: 2, height: 1n, round: 0, seenAt: 1n })
    expect(view.messages.map(({ blockHash }) => blockHash)).toEqual([HASHES[0], HASHES[1]])
    expect(view.messages[1].signBytes).toEqual(voteSignBytes(GENESIS, 1n, 0, 'precommit', HASHES[1]!))
    expect(view.raw).toEqual(found[0]!.message)
  })

  it('that proves nothing is its sender to blame; what it knows is not checked again', async () => {
    const { engine, hear } = follow()
    const spoiled = { ...evidence, second: { ...evidence.second, signature: new Uint8Array(64) } }
    expect(await hear(encodeEvidence(spoiled), 'block')).toBe('reject')
    expect(await hear(encodeEvidence({ ...evidence, validator: 1 }), 'block')).toBe('reject')
    expect(await hear(encodeEvidence({ ...evidence, validator: 9 }), 'block')).toBe('reject')
    expect(engine.status().evidence).toEqual([])
    expect(await hear(encodeEvidence(evidence), 'block')).toBe('accept')
    const { signaturesVerified } = engine.status().counters
    expect(await hear(encodeEvidence(spoiled), 'block')).toBe('ignore')
    expect(engine.status().counters.signaturesVerified).toBe(signaturesVerified)
  })

  it('of a height that is not reached is left for later', async () => {
    const { engine, hear } = follow()
    const later = conflictingVotes(GENESIS, vote(2, HASHES[0]!, 2n), vote(2, HASHES[1]!, 2n))
    expect(await hear(encodeEvidence(later), 'block')).toBe('ignore')
    await engine.applyCertified(...certified(1n, HASHES[0]!))
    expect(await hear(encodeEvidence(later), 'block')).toBe('accept')
  })

  it('is shown to new peers, not to each of a crowd', async () => {
    const { sent, hear, meet, clock } = follow()
    await hear(encodeEvidence(evidence), 'block')
    for (let peer = 0; peer < 5; peer++) meet()
    await clock.advance(EVIDENCE_DELAY)
    expect(sent.length).toBe(1)
    meet()
    await clock.advance(EVIDENCE_INTERVAL - 1)
    expect(sent.length).toBe(1)
    await clock.advance(1)
    expect(sent.length).toBe(2)
  })

  it('is remembered across a restart', async () => {
    const store = createMemoryStore()
    await follow(await openFaultRecord(store, GENESIS)).hear(encodeEvidence(evidence), 'block')
    const again = follow(await openFaultRecord(store, GENESIS))
    expect(again.engine.status().evidence.length).toBe(1)
    expect(await again.hear(encodeEvidence(evidence), 'block')).toBe('ignore')
  })
})

describe('a fork', () => {
  it('stops consensus, also after a restart, and both certificates are shown', async () => {
    const store = createMemoryStore()
    const first = follow(await openFaultRecord(store, GENESIS))
    const [one, other] = [certified(1n, HASHES[0]!), certified(1n, HASHES[1]!)]
    await first.engine.applyCertified(...one)
    expect(await first.engine.applyCertified(...other)).toMatchObject({ ok: false, code: 'halted' })
    const halted = { kind: 'fork', certificates: [one[1], other[1]] }
    expect(first.engine.status()).toMatchObject({ step: 'halted', halted })
    await first.engine.stop()

    const again = follow(await openFaultRecord(store, GENESIS))
    expect(again.engine.status()).toMatchObject({ step: 'halted', halted })
    expect(await again.engine.applyCertified(...one)).toMatchObject({ ok: false, code: 'halted' })
    expect(await again.hear(votesMessage(1, null), 'consensus')).toBe('ignore')
    expect(again.committed).toEqual([])
  })

  it('does not keep evidence from new peers', async () => {
    const { engine, sent, hear, meet, clock } = follow()
    await hear(encodeEvidence(evidence), 'block')
    await engine.applyCertified(...certified(1n, HASHES[0]!))
    await engine.applyCertified(...certified(1n, HASHES[1]!))
    sent.length = 0
    meet()
    await clock.advance(EVIDENCE_DELAY)
    expect(sent.map(({ message }) => message)).toEqual([encodeEvidence(evidence)])
  })

  it('is also a certified block on another parent', async () => {
    const record = new FaultRecord()
    const { engine } = follow(record)
    await engine.applyCertified(...certified(1n, HASHES[0]!))
    expect(await engine.applyCertified(...certified(2n, HASHES[2]!, HASHES[1]!))).toMatchObject({ code: 'halted' })
    await engine.stop()
    expect(record.fork()?.map(({ height }) => height)).toEqual([1n, 2n])
  })
})

it('what the signer refuses is not sent, and stops nothing', async () => {
  const asked: number[] = []
  const signer: Signer = {
    publicKey: keys[0]!.publicKey,
    last: () => null,
    restored: () => null,
    reaches: () => false,
    covers: () => false,
    disowns: () => false,
    close: async () => {},
    isComplete: () => true,
    begin: async () => {},
    flush: async () => {},
    sign: ({ content }) => {
      asked.push(content.step)
      return { ok: false, code: 'conflict', message: 'something else was signed' }
    },
  }
  const { engine, hear, sent, clock } = follow(new FaultRecord(), signer)
  expect(await hear(votesMessage(1, null), 'consensus')).toBe('accept')
  await clock.advance(timeoutOf(DEVNET_TIMEOUTS, 'propose', 0))
  expect(asked).toEqual([STEP_PREVOTE])
  expect(engine.status().counters.votesSent).toBe(0)
  // The round is repeated, with the vote that was heard and none of its own.
  const repeated = sent.map(({ message }) => decodeConsensusMessage(message))
  expect(
    repeated.flatMap((message) => (message.kind === 'votes' ? message.votes : [])).map(({ index }) => index),
  ).toEqual(repeated.map(() => 1))
  expect(engine.status().halted).toBeNull()
})
