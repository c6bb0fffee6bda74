/**
 * No correct node finds a message faulty that another passes on, whatever each of them knows: so nobody can make
 * correct nodes blame each other. A message of which something was not verified is used, and stays where it is.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { FUTURE_PROPOSAL_ROUNDS } from '../../src/consensus/core/tendermint.ts'
import type { IndexedSignature } from '../../src/consensus/core/vote.ts'
import {
  FAULT_WINDOW,
  FAULTY_PEER_MESSAGES_BURST,
  FAULTY_PEER_MESSAGES_PER_SECOND,
  MAX_FAULTS_PER_PEER,
} from '../../src/consensus/limits.ts'
import { proposalSignBytes } from '../../src/consensus/signing/signBytes.ts'
import { contentsHash, encodeContents } from '../../src/consensus/wire/contents.ts'
import { encodeAnnouncement, type VoteMessage } from '../../src/consensus/wire/messages.ts'
import type { Block } from '../../src/types/block.ts'
import { Bench, certify, lightBlock, proposalOf, validators, voteOf, votesOf } from './engineBench.ts'
import { GENESIS_HASH, lightBlockForm } from './lightChain.ts'
import { simKey } from './simKey.ts'
import { shuffled } from './topology.ts'

const spoiled = <T extends { readonly signature: Uint8Array }>(signed: T): T => ({
  ...signed,
  signature: new Uint8Array(64).fill(0x5b),
})
const indexed = (votes: readonly VoteMessage[]): readonly IndexedSignature[] =>
  votes.map(({ index, signature }) => ({ index, signature }))
const verified = (bench: Bench) => bench.engine.status().counters.signaturesVerified

const listHash = (block: Block): Uint8Array => contentsHash(encodeContents(block.transactions))

/** The block of round 0 again, in round 1 (by validator 2), with prevotes for it. */
function again(block: Block, polka: readonly VoteMessage[], more: object = {}): Uint8Array {
  const signature = simKey(2).sign(proposalSignBytes(GENESIS_HASH, 1n, 1, 0, block.hash, listHash(block)))
  return proposalOf(block, 2, { round: 1, validRound: 0, signature, polka: indexed(polka), ...more })
}

describe('a bundle of votes', () => {
  const first = voteOf('prevote', 1, null)
  const second = voteOf('prevote', 2, null)

  it('with a known vote under another signature is used and not passed on', async () => {
    const bench = await new Bench(4).start()
    expect(await bench.gossip(votesOf([first]))).toBe('accept')
    expect(await bench.gossip(votesOf([spoiled(first), second]))).toBe('ignore')
    // The good one was taken: the same again is nothing new here, but is where this node passes it on.
    const before = verified(bench)
    expect(await bench.gossip(votesOf([second]))).toBe('accept')
    expect(verified(bench)).toBe(before)
    // Byte for byte what is known, it was verified.
    expect(await bench.gossip(votesOf([first, second, voteOf('prevote', 3, null)]))).toBe('accept')
  })

  it('that holds a vote twice is passed on only if both are the same', async () => {
    const bench = await new Bench(4).start()
    expect(await bench.gossip(votesOf([first, spoiled(first)]))).toBe('ignore')
    expect(await bench.gossip(votesOf([second, second]))).toBe('accept')
  })

  it('with one value too many of an equivocator is used and not passed on', async () => {
    const bench = await new Bench(4).start()
    const values = [1, 2, 3, 4].map((nonce) => voteOf('prevote', 3, lightBlock(1n, { nonce })))
    expect(await bench.gossip(votesOf(values.slice(0, 3)))).toBe('accept')
    expect(await bench.gossip(votesOf([spoiled(values[3]!), first]))).toBe('ignore')
    const before = verified(bench)
    expect(await bench.gossip(votesOf([first]))).toBe('accept')
    expect(verified(bench)).toBe(before)
  })

  it('is passed on for votes that came first in one that was not', async () => {
    const bench = await new Bench(4).start()
    await bench.gossip(votesOf([first]))
    expect(await bench.gossip(votesOf([spoiled(first), second]))).toBe('ignore')
    const third = voteOf('prevote', 3, null)
    expect(await bench.gossip(votesOf([third, spoiled(voteOf('precommit', 1, null))]))).toBe('reject')
    // Nobody behind this node has them yet. Once is enough.
    for (const vote of [second, third]) {
      expect(await bench.gossip(votesOf([vote]))).toBe('accept')
      expect(await bench.gossip(votesOf([vote], { attempt: 1 }))).toBe('ignore')
    }
  })

  it('with a bad signature for something new is its sender to blame, whatever else is in it', async () => {
    const bench = await new Bench(4).start()
    expect(await bench.gossip(votesOf([first, spoiled(second)]))).toBe('reject')
    const before = verified(bench)
    expect(await bench.gossip(votesOf([first]))).toBe('accept')
    expect(verified(bench)).toBe(before)
  })

  it('of hundreds of far rounds costs as much as the one that is kept', async () => {
    const bench = await new Bench(4).start()
    const far = Array.from({ length: 300 }, (_, at) => voteOf('prevote', 1, null, 1n, 1_000 + at))
    const near = voteOf('prevote', 1, null)
    expect(await bench.gossip(votesOf([...far, near]))).toBe('ignore')
    expect(verified(bench)).toBe(2)
    // The farthest is what was kept, and the near one was no far one.
    expect(await bench.gossip(votesOf([far.at(-1)!, near]))).toBe('accept')
    expect(verified(bench)).toBe(2)
  })
})

describe('a proposal', () => {
  const block = lightBlock()
  const prevotes = [1, 2, 3].map((by) => voteOf('prevote', by, block))

  it('of a round too far ahead to be looked at is not passed on for its polka', async () => {
    const bench = await new Bench(4).start()
    const round = FUTURE_PROPOSAL_ROUNDS + 1
    const signature = new Uint8Array(64)
    const message = proposalOf(block, 1, { round, validRound: 0, signature, polka: indexed(prevotes.slice(0, 1)) })
    expect(await bench.gossip(message)).toBe('ignore')
    // But the prevote was of use.
    expect(await bench.gossip(votesOf(prevotes.slice(0, 1)))).toBe('accept')
    expect(verified(bench)).toBe(1)
  })

  it('that is known is passed on for its polka if it is the known one', async () => {
    const bench = await new Bench(4).start()
    expect(await bench.gossip(again(block, []))).toBe('accept')
    expect(await bench.gossip(again(block, prevotes.slice(0, 1)))).toBe('accept')
    expect(await bench.gossip(again(block, prevotes.slice(0, 1), { attempt: 2 }))).toBe('ignore')
    expect(await bench.gossip(again(block, prevotes.slice(0, 2), { signature: new Uint8Array(64) }))).toBe('reject')
    expect(
      await bench.gossip(again(block, prevotes, { head: lightBlockForm.head(lightBlock(1n, { nonce: 9 })) })),
    ).toBe('reject')
    const mixed = [spoiled(prevotes[0]!), prevotes[1]!, prevotes[2]!]
    const another = await new Bench(4).start()
    await another.gossip(again(block, prevotes.slice(0, 1)))
    expect(await another.gossip(again(block, mixed))).toBe('ignore')
  })

  it('that is new is verified whole, known prevotes of its polka included', async () => {
    const bench = await new Bench(4).start()
    await bench.gossip(votesOf(prevotes.slice(0, 1)))
    expect(await bench.gossip(again(block, [spoiled(prevotes[0]!), prevotes[1]!]))).toBe('reject')
    const before = verified(bench)
    expect(await bench.gossip(again(block, prevotes))).toBe('accept')
    // Its own signature and two prevotes: the third has the bytes of a known one.
    expect(verified(bench)).toBe(before + 3)
  })

  it("of nobody's costs one signature, however many are in its polka", async () => {
    const bench = await new Bench(4).start()
    expect(await bench.gossip(again(block, prevotes, { signature: new Uint8Array(64) }))).toBe('reject')
    expect(verified(bench)).toBe(1)
  })
})

it('a certificate that a set may have signed which will have changed is a hint, and is not passed on', async () => {
  const set = validators(4)
  const bench = await new Bench(4).start({ validatorSet: () => set })
  const asked: bigint[] = []
  bench.engine.onBehind((height) => asked.push(height))
  const announce = (height: bigint) =>
    encodeAnnouncement({ kind: 'announcement', attempt: 1, certificate: certify(lightBlock(height)) })
  expect(await bench.gossip(announce(3n), 'block')).toBe('ignore')
  await bench.wait(1_000)
  expect(asked).toEqual([3n])
  expect(await bench.gossip(announce(2n), 'block')).toBe('accept')
})

it('a peer with faults is heard at a bounded rate, and never not at all', async () => {
  const bench = await new Bench(4).start()
  bench.chain.addTransaction(1)
  let attempt = 0
  const bad = () => {
    attempt += 1
    return bench.network.gossip.get('consensus')!(votesOf([spoiled(voteOf('prevote', 1, null))], { attempt }), 'bad')
  }
  const verdicts = (count: number) => Promise.all(Array.from({ length: count }, bad))
  for (let fault = 0; fault < MAX_FAULTS_PER_PEER; fault++) {
    const verdict = bad()
    await bench.wait(1)
    expect(await verdict).toBe('reject')
  }
  const later = verdicts(100)
  await bench.wait(5)
  const heard = (await later).filter((verdict) => verdict === 'reject')
  expect(heard.length).toBe(FAULTY_PEER_MESSAGES_BURST)
  await bench.wait(1_000)
  const inASecond = verdicts(100)
  await bench.wait(5)
  expect((await inASecond).filter((verdict) => verdict === 'reject').length).toBe(FAULTY_PEER_MESSAGES_PER_SECOND)
  expect(await bench.gossip(votesOf([voteOf('prevote', 1, null)]), 'consensus', 'another')).toBe('accept')
  await bench.wait(FAULT_WINDOW)
  expect(await bench.gossip(votesOf([voteOf('prevote', 2, null)]), 'consensus', 'bad')).toBe('accept')
})

describe('for random messages', () => {
  const blocks = [1, 2].map((nonce) => lightBlock(1n, { nonce }))

  function randomVote(random: Random): VoteMessage {
    const value = random.chance(0.2)
      ? null
      : random.chance(0.8)
        ? random.pick(blocks)
        : lightBlock(1n, { nonce: random.below(9) })
    const vote = voteOf(random.chance(0.7) ? 'prevote' : 'precommit', 1 + random.below(3), value, 1n, random.below(2))
    return random.chance(0.25) ? spoiled(vote) : vote
  }

  function randomMessage(random: Random): Uint8Array {
    const votes = Array.from({ length: 1 + random.below(4) }, () => randomVote(random))
    if (random.chance(0.6)) return votesOf(votes, { attempt: random.below(1_000_000) })
    const block = random.pick(blocks)
    const polka = [1, 2, 3]
      .filter(() => random.chance(0.5))
      .map((by) => voteOf('prevote', by, block))
      .map((vote) => (random.chance(0.2) ? spoiled(vote) : vote))
    const round = random.pick([1, 1, 5])
    const body = random.chance(0.2) ? { head: lightBlockForm.head(random.pick(blocks)) } : {}
    const by = (1 + round) % 4
    const signature = simKey(by).sign(proposalSignBytes(GENESIS_HASH, 1n, round, 0, block.hash, listHash(block)))
    const signed = random.chance(0.2) ? new Uint8Array(64) : signature
    // Repeated ones are passed on by nobody.
    const attempt = random.chance(0.7) ? 0 : random.below(1_000_000)
    const more = { attempt, round, validRound: 0, signature: signed, polka: indexed(polka), ...body }
    return proposalOf(block, by, more)
  }

  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'no node passes on what another rejects (seed %i)',
    async (seed) => {
      const random = seededRandom(seed)
      const benches = await Promise.all([0, 1, 2].map(() => new Bench(4).start({ signer: null })))
      const met = { accept: 0, reject: 0 }
      for (let count = 0; count < 60; count++) {
        const message = randomMessage(random)
        // Each hears a part of what there is, in its own order, and so knows something else.
        const verdicts = new Set<string>()
        for (const bench of shuffled(random, benches)) {
          if (random.chance(0.3)) continue
          verdicts.add(await bench.gossip(message, 'consensus', `peer ${count}`))
        }
        expect([...verdicts], `message ${count}`).not.toEqual(expect.arrayContaining(['accept', 'reject']))
        if (verdicts.has('accept')) met.accept += 1
        if (verdicts.has('reject')) met.reject += 1
      }
      expect(Math.min(met.accept, met.reject)).toBeGreaterThan(3)
    },
  )
})
