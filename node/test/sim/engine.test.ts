/** The shell's promises, one by one: when heights start, what messages cost, what sync may do, how it fails. */
import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/codec/bytes.ts'
import type { ConsensusOptions } from '../../src/consensus/consensus.ts'
import { type HeightContext, HeightRun } from '../../src/consensus/heights/heightRun.ts'
import {
  ANSWER_INTERVAL,
  BATCH_DELAY,
  FAULTY_PEER_MESSAGES_BURST,
  MAX_CLOCK_DRIFT,
  MAX_FAULTS_PER_PEER,
  MAX_STATEMENTS_PER_ROUND,
  REBROADCAST_MAX,
  REBROADCAST_TO_PEER,
  SYNC_PAUSE,
} from '../../src/consensus/limits.ts'
import { encodeContents } from '../../src/consensus/wire/contents.ts'
import { decodeConsensusMessage, encodeAnnouncement, encodeVotes } from '../../src/consensus/wire/messages.ts'
import type { KeyValueStore } from '../../src/runtime/keyValueStore.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import type { Block } from '../../src/types/block.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import { SILENT_LOGGER } from '../../testing/logger.ts'
import { Bench, certify, lightBlock, proposalOf, validators, voteOf, votesOf } from './engineBench.ts'
import { EPOCH, Scheduler } from './scheduler.ts'
import { SIM_TIMEOUTS } from './simWorld.ts'

describe('when a height starts', () => {
  it('without work: not at all, and nothing is sent', async () => {
    const bench = await new Bench(1).start()
    await bench.wait(60_000)
    expect(bench.sent).toEqual([])
    expect(bench.engine.status()).toMatchObject({ height: 1n, round: 0, step: 'waiting', isValidator: true })
  })

  it('alone: with work, at once, and waits again afterwards', async () => {
    const bench = await new Bench(1).start()
    bench.chain.addTransaction(1)
    await bench.wait(100)
    expect(bench.chain.height()).toBe(1n)
    await bench.wait(10_000)
    expect(bench.chain.height()).toBe(1n)
    expect(bench.engine.status()).toMatchObject({ height: 2n, step: 'waiting' })
  })

  it('with work after a block of one transaction: at once; of several or none: a moment later', async () => {
    const bench = await new Bench(1).start()
    const finalize = bench.chain.finalize.bind(bench.chain)
    let carried = 0
    bench.chain.finalize = async (block, certificate) => {
      await finalize(block, certificate)
      Object.assign(block, { transactions: Array(carried).fill({ raw: new Uint8Array(1) }) })
    }
    /** Milliseconds from work to the next height, after a block with so many transactions. */
    const startsAfter = async (count: number) => {
      carried = count
      bench.chain.addTransaction(2 * count + 1)
      await bench.wait(100)
      const { rounds } = bench.engine.status().counters
      bench.chain.addTransaction(2 * count + 2)
      for (let waited = 0; waited < 100; waited++) {
        await bench.wait(waited === 0 ? 0 : 1)
        if (bench.engine.status().counters.rounds > rounds) return waited
      }
      return null
    }
    expect([await startsAfter(0), await startsAfter(1), await startsAfter(2)]).toEqual([BATCH_DELAY, 0, BATCH_DELAY])
  })

  it('with a block time: regularly, with or without work', async () => {
    const bench = await new Bench(1).start({ blockTime: 500 })
    await bench.wait(5_200)
    expect(bench.chain.height()).toBeGreaterThanOrEqual(9n)
    expect(bench.chain.height()).toBeLessThanOrEqual(10n)
  })

  it("with a peer's message: a validator without work votes for the proposal", async () => {
    const bench = await new Bench(4).start()
    const block = lightBlock()
    expect(await bench.gossip(proposalOf(block))).toBe('accept')
    await bench.wait(50)
    expect(bench.votes()).toEqual([`prevote 0 ${keyOf(block.hash).slice(0, 6)}`])
  })

  it('with work and a silent proposer: nil, and on to the next round with the others', async () => {
    const bench = await new Bench(4).start()
    bench.chain.addTransaction(1)
    await bench.wait(400)
    expect(bench.votes()[0]).toBe('prevote 0 nil')
    await bench.gossip(
      votesOf(
        [1, 2].map((by) => voteOf('prevote', by, null, 1n, 3)),
        { round: 3 },
      ),
    )
    await bench.wait(50)
    // Validator 0 is the proposer of round 3.
    expect(bench.engine.status().round).toBe(3)
    expect(bench.sent.some(({ message }) => decodeConsensusMessage(message).kind === 'proposal')).toBe(true)
  })

  it('a node that only follows commits what the others decide', async () => {
    const bench = await new Bench(4).start({ signer: null })
    const block = lightBlock()
    await bench.gossip(proposalOf(block))
    await bench.gossip(votesOf([1, 2, 3].map((by) => voteOf('precommit', by, block))))
    await bench.wait(50)
    expect(bench.chain.height()).toBe(1n)
    expect(bench.votes()).toEqual([])
    expect(bench.engine.status().isValidator).toBe(false)
  })
})

describe('what messages cost', () => {
  it('a signature is verified once, however often the vote comes', async () => {
    const bench = await new Bench(4).start()
    for (let attempt = 0; attempt < 50; attempt++) {
      const verdict = await bench.gossip(votesOf([voteOf('prevote', 1, null)], { attempt }))
      expect(verdict).toBe(attempt === 0 ? 'accept' : 'ignore')
    }
    expect(bench.engine.status().counters.signaturesVerified).toBe(1)
  })

  it('a peer that sends bad signatures is rejected, then hardly listened to', async () => {
    const bench = await new Bench(4).start()
    const heard = MAX_FAULTS_PER_PEER + FAULTY_PEER_MESSAGES_BURST
    for (let round = 0; round < 100; round++) {
      const vote = { ...voteOf('prevote', 1, null, 1n, round % 10), signature: new Uint8Array(64).fill(round) }
      const verdict = bench.network.gossip.get('consensus')!(votesOf([vote], { attempt: round }), 'bad')
      if (round >= heard) expect(verdict).toBe('unheard')
      else await bench.wait(0)
    }
    expect(bench.engine.status().counters.signaturesVerified).toBe(heard)
    expect(await bench.gossip(votesOf([voteOf('prevote', 1, null)]), 'consensus', 'good')).toBe('accept')
  })

  it.each([
    ['signed by someone else', proposalOf(lightBlock(), 2)],
    ['of another height than its block', proposalOf(lightBlock(2n), 1, { height: 1n })],
    ['with a block that has another hash', proposalOf(lightBlock(), 1, { head: lightBlock(1n, { nonce: 6 }).raw })],
    ['with bytes that are no block', proposalOf(lightBlock(), 1, { head: new Uint8Array(10) })],
  ])('a proposal %s is rejected, and no block is executed', async (_name, message) => {
    const bench = await new Bench(4).start()
    expect(await bench.gossip(message)).toBe('reject')
    await bench.wait(1_000)
    expect(bench.votes()).toEqual([])
  })

  it('a message of the next height waits, and is handled when its height begins', async () => {
    const bench = await new Bench(4).start({ emptyRecord: 'vote' })
    const first = lightBlock()
    const second = lightBlock(2n, { parentHash: first.hash })
    let verdict: unknown = 'waiting'
    void Promise.resolve(bench.network.gossip.get('consensus')!(proposalOf(second, 2), 'peer')).then((settled) => {
      verdict = settled
    })
    await bench.wait(10)
    expect(verdict).toBe('waiting')
    await bench.engine.applyCertified(first, certify(first))
    await bench.wait(50)
    expect(verdict).toBe('accept')
    expect(bench.votes()).toEqual([`prevote 0 ${keyOf(second.hash).slice(0, 6)}`])
  })

  it('10 000 random byte strings on each topic change nothing', async () => {
    const bench = await new Bench(1).start()
    const random = seededRandom(3)
    for (let count = 0; count < 10_000; count++) {
      const message = Uint8Array.from({ length: random.below(120) }, () => random.below(256))
      for (const topic of ['consensus', 'block'] as const) {
        const verdict = await bench.network.gossip.get(topic)!(message, `peer ${count}`)
        expect(verdict).toBe('reject')
      }
    }
    bench.chain.addTransaction(1)
    await bench.wait(100)
    expect(bench.chain.height()).toBe(1n)
  })

  it('a lost proposal is asked for, and given to who asks, within bounds', async () => {
    const bench = await new Bench(4).start()
    const block = lightBlock()
    await bench.gossip(votesOf([voteOf('prevote', 1, block)]))
    await bench.wait(600)
    const asks = () =>
      bench.sent
        .map(({ message }) => decodeConsensusMessage(message))
        .filter((m) => m.kind === 'votes' && m.wantsProposal)
    expect(asks().length).toBe(1)
    await bench.gossip(proposalOf(block))
    bench.sent.length = 0
    for (let attempt = 1; attempt < 30; attempt++) {
      await bench.gossip(encodeVotes({ kind: 'votes', attempt, height: 1n, round: 0, wantsProposal: true, votes: [] }))
    }
    const isProposal = ({ message }: { message: Uint8Array }) => decodeConsensusMessage(message).kind === 'proposal'
    const given = bench.sent.filter(isProposal)
    expect(given.map(({ to }) => to)).toEqual(['peer'])
    // Each who asks gets it; a peer that begins anew need not wait.
    const ask = (attempt: number) =>
      encodeVotes({ kind: 'votes', attempt, height: 1n, round: 0, wantsProposal: true, votes: [] })
    await bench.gossip(ask(31), 'consensus', 'another')
    bench.meet('peer')
    await bench.gossip(ask(32))
    expect(bench.sent.filter(isProposal).map(({ to }) => to)).toEqual(['peer', 'another', 'peer'])
  })

  it('a proposal that was asked for is used and not passed on', async () => {
    const bench = await new Bench(4).start()
    const block = lightBlock()
    expect(await bench.gossip(proposalOf(block, 1, { attempt: 5 }))).toBe('ignore')
    await bench.wait(50)
    expect(bench.votes()).toContain(`prevote 0 ${keyOf(block.hash).slice(0, 6)}`)
  })
})

describe('a proposal whose transactions are not here', () => {
  const listOf = (fill: number) => {
    const hash = new Uint8Array(32).fill(fill)
    return encodeContents([{ hash, raw: new Uint8Array(100) }])
  }

  it('is passed on, asked for by nobody else again, and costs its round when they do not come', async () => {
    const bench = await new Bench(4).start()
    expect(await bench.gossip(proposalOf(lightBlock(), 1, { contents: listOf(1) }))).toBe('accept')
    // Repeated with another number: the same proposal.
    expect(await bench.gossip(proposalOf(lightBlock(), 1, { contents: listOf(1), attempt: 3 }))).toBe('ignore')
    expect(bench.votes()).toEqual([])
    await bench.wait(SIM_TIMEOUTS.propose.base)
    expect(bench.votes()).toEqual(['prevote 0 nil'])
    await bench.wait(1_000)
    const asks = bench.sent.map(({ message }) => decodeConsensusMessage(message))
    expect(asks.filter((message) => message.kind === 'votes' && message.wantsProposal)).toEqual([])
  })

  it('does not keep out the block itself, and two lists for it are evidence', async () => {
    const bench = await new Bench(4).start()
    const block = lightBlock()
    await bench.gossip(proposalOf(block, 1, { contents: listOf(1) }))
    expect(bench.engine.status().evidence).toEqual([])
    expect(await bench.gossip(proposalOf(block))).toBe('accept')
    await bench.wait(20)
    expect(bench.votes()).toEqual([`prevote 0 ${keyOf(block.hash).slice(0, 6)}`])
    expect(bench.engine.status().evidence).toMatchObject([{ validator: 1, step: 0 }])
    // After some more, others of this round are not even checked.
    const verified = () => bench.engine.status().counters.signaturesVerified
    const before = verified()
    for (let nonce = 10; nonce < 30; nonce++) {
      await bench.gossip(proposalOf(lightBlock(1n, { nonce }), 1, { contents: listOf(nonce) }))
    }
    expect(verified() - before).toBe(MAX_STATEMENTS_PER_ROUND - 2)
  })

  it('is rejected when what comes with it is not in its list, or is not signed', async () => {
    const bench = await new Bench(4).start()
    const transactions = [{ index: 0, raw: new Uint8Array(100) }]
    expect(await bench.gossip(proposalOf(lightBlock(), 1, { contents: listOf(1), transactions }))).toBe('reject')
    expect(await bench.gossip(proposalOf(lightBlock(), 2, { contents: listOf(1) }))).toBe('reject')
  })
})

describe('repetitions', () => {
  it('become rare while nothing happens; a new peer is not left waiting, however many come', async () => {
    const bench = await new Bench(4).start()
    bench.chain.addTransaction(1)
    await bench.wait(20_000)
    const repetitions = () => bench.engine.status().counters.rebroadcasts
    const { round } = bench.engine.status()
    // Alone it stays in its round: the next repetition is up to 4 s away.
    let before = repetitions()
    await bench.wait(REBROADCAST_MAX)
    expect(repetitions()).toBe(before + 1)
    before = repetitions()
    bench.meet('new')
    await bench.wait(REBROADCAST_TO_PEER + 1)
    expect(repetitions()).toBe(before + 1)
    for (let peer = 0; peer < 100; peer++) {
      bench.meet(`peer ${peer}`)
      await bench.wait(10)
    }
    const more = repetitions() - before - 1
    expect(more).toBeGreaterThan(1)
    expect(more).toBeLessThanOrEqual(1_000 / REBROADCAST_TO_PEER)
    expect(bench.engine.status().round).toBe(round)
  })

  it('who repeats a lower round gets the votes of that round, and of the one that the others are in', async () => {
    const bench = await new Bench(4).start()
    await bench.gossip(votesOf([voteOf('prevote', 2, null), voteOf('precommit', 2, null)]))
    const later = [1, 2].map((by) => voteOf('prevote', by, null, 1n, 3))
    await bench.gossip(votesOf(later, { round: 3 }))
    expect(bench.engine.status().round).toBe(3)
    bench.sent.length = 0
    // Late, but said for the first time: its sender is on its way.
    await bench.gossip(votesOf([voteOf('prevote', 3, null)]))
    expect(bench.sent).toEqual([])
    await bench.gossip(votesOf([voteOf('prevote', 3, null)], { attempt: 1 }))
    // To who repeated it, and to nobody else.
    expect(bench.sent).toMatchObject([{ to: 'peer' }])
    const answer = decodeConsensusMessage(bench.sent[0]!.message)
    // The round is that of who answers, or it would be answered in turn, by everybody who is past that of its votes.
    expect(answer).toMatchObject({ kind: 'votes', round: 3, votes: expect.arrayContaining(later) })
    expect(answer.kind === 'votes' && new Set(answer.votes.map(({ round }) => round))).toEqual(new Set([0, 3]))
    const heard = bench.sent.splice(0)
    await bench.wait(ANSWER_INTERVAL)
    for (const { message } of heard) await bench.gossip(message, 'consensus', 'another')
    expect(bench.sent.filter(({ to }) => to !== undefined)).toEqual([])
  })

  it('of a lower round are answered once in a while, for each peer, whatever rounds it repeats', async () => {
    const bench = await new Bench(4).start()
    for (const round of [0, 1]) await bench.gossip(votesOf([voteOf('prevote', 2, null, 1n, round)]))
    await bench.gossip(
      votesOf(
        [1, 2].map((by) => voteOf('prevote', by, null, 1n, 3)),
        { round: 3 },
      ),
    )
    bench.sent.length = 0
    for (let attempt = 1; attempt < 20; attempt++) await bench.gossip(votesOf([], { attempt, round: attempt % 3 }))
    expect(bench.sent.map(({ to }) => to)).toEqual(['peer'])
    await bench.gossip(votesOf([], { attempt: 20 }), 'consensus', 'another')
    expect(bench.sent.map(({ to }) => to)).toEqual(['peer', 'another'])
  })

  it('none for a new peer before the height is on, nor after the end', async () => {
    const bench = await new Bench(4).start()
    bench.meet('new')
    await bench.wait(1_000)
    expect(bench.sent).toEqual([])
    bench.chain.addTransaction(1)
    await bench.wait(10)
    await bench.engine.stop()
    const sent = bench.sent.length
    bench.meet('another')
    await bench.wait(1_000)
    expect(bench.sent.length).toBe(sent)
  })
})

describe("a block's time", () => {
  it.each([
    [MAX_CLOCK_DRIFT - 1n, true],
    [MAX_CLOCK_DRIFT + 2n, false],
  ])('%s seconds ahead of the clock: accepted %s', async (ahead, accepted) => {
    const bench = await new Bench(4).start()
    const block = lightBlock(1n, { timestamp: BigInt(EPOCH / 1000) + ahead })
    await bench.gossip(proposalOf(block))
    await bench.wait(50)
    expect(bench.votes()).toEqual([`prevote 0 ${accepted ? keyOf(block.hash).slice(0, 6) : 'nil'}`])
  })
})

describe("a block's time after a parent from the future", () => {
  const now = BigInt(EPOCH / 1000)
  const parentTime = now + 3_600n
  it.each([
    ["the parent's", parentTime, true],
    ['a second more', parentTime + 1n, false],
    ['between the clock and the parent', now + MAX_CLOCK_DRIFT + 60n, false],
  ])('%s: accepted after a commit, and after a start', async (_, timestamp, accepted) => {
    const parent = lightBlock(1n, { timestamp: parentTime })
    const next = lightBlock(2n, { parentHash: parent.hash, timestamp })
    const running = await new Bench(4).start()
    expect(await running.engine.applyCertified(parent, certify(parent))).toEqual({ ok: true })
    const restarted = await new Bench(4).start({ head: 1n, headHash: parent.hash, headTimestamp: parentTime })
    await restarted.chain.finalize(parent, certify(parent))
    for (const bench of [running, restarted]) {
      await bench.gossip(proposalOf(next, 2))
      await bench.wait(50)
      expect(bench.votes()).toEqual([`prevote 0 ${accepted ? keyOf(next.hash).slice(0, 6) : 'nil'}`])
    }
  })
})

describe('sync', () => {
  it('hands in certified blocks; everything else is refused by name', async () => {
    const bench = await new Bench(4).start()
    const first = lightBlock()
    const second = lightBlock(2n, { parentHash: first.hash })
    const outcome = (block: Block, certificate: Certificate) => {
      const applied = bench.engine.applyCertified(block, certificate)
      return bench
        .wait(20)
        .then(() => applied)
        .then((result) => (result.ok ? 'ok' : result.code))
    }
    expect(await outcome(second, certify(second))).toBe('gap')
    expect(await outcome(first, certify(lightBlock(1n, { nonce: 6 })))).toBe('wrong-block')
    expect(await outcome(first, certify(first, [1, 2]))).toBe('bad-certificate')
    expect(await outcome(first, { ...certify(first), round: 4 })).toBe('bad-certificate')
    expect(await outcome(first, certify(first))).toBe('ok')
    expect(await outcome(first, certify(first, [0, 1, 2]))).toBe('ok')
    expect(await outcome(second, certify(second))).toBe('ok')
    expect(bench.chain.height()).toBe(2n)
  })

  it('is asked when a certificate of a later height is heard, not for one that proves nothing', async () => {
    const bench = await new Bench(4).start()
    const asked: bigint[] = []
    bench.engine.onBehind((height) => asked.push(height))
    await bench.gossip(
      votesOf([{ ...voteOf('prevote', 1, null, 90n), signature: new Uint8Array(64) }], { height: 90n }),
    )
    await bench.wait(1_000)
    expect(asked).toEqual([])
    await bench.gossip(votesOf([voteOf('prevote', 1, null, 9n)], { height: 9n }))
    await bench.wait(1_000)
    expect(asked).toEqual([8n])
  })

  it('pauses heights of our own, but not for long on a claim alone', async () => {
    const bench = await new Bench(1).start()
    bench.engine.catchUpTo(1_000n)
    bench.chain.addTransaction(1)
    await bench.wait(SYNC_PAUSE - 100)
    expect(bench.chain.height()).toBe(0n)
    await bench.wait(300)
    expect(bench.chain.height()).toBe(1n)
  })

  it('is not needed when a certificate comes and the block is here', async () => {
    const bench = await new Bench(4).start()
    const block = lightBlock()
    await bench.gossip(proposalOf(block))
    const announcement = encodeAnnouncement({ kind: 'announcement', attempt: 1, certificate: certify(block) })
    expect(await bench.gossip(announcement, 'block')).toBe('accept')
    await bench.wait(20)
    expect(bench.chain.height()).toBe(1n)
  })

  it('two certificates for one height: stops and shows both', async () => {
    const bench = await new Bench(4).start()
    const [one, other] = [lightBlock(1n, { nonce: 1 }), lightBlock(1n, { nonce: 2 })]
    await bench.engine.applyCertified(one, certify(one))
    const applied = bench.engine.applyCertified(other, certify(other, [0, 1, 2]))
    await bench.wait(10)
    expect(await applied).toMatchObject({ ok: false, code: 'halted' })
    const { halted, step } = bench.engine.status()
    expect(step).toBe('halted')
    expect(halted).toMatchObject({ kind: 'fork' })
    expect(bench.sent.filter(({ topic }) => topic === 'block').length).toBe(2)
    expect(await bench.gossip(proposalOf(lightBlock(2n), 2))).toBe('ignore')
  })
})

describe('an ended height', () => {
  it('takes nothing in, and signs nothing', async () => {
    const clock = new Scheduler().clock()
    const asked: string[] = []
    const voting = {
      vote(_state: unknown, _blocks: unknown, type: string) {
        asked.push(type)
        return { ok: false, code: 'conflict', message: 'no' }
      },
    }
    const options = {
      logger: SILENT_LOGGER,
      clock,
      timeouts: SIM_TIMEOUTS,
      application: {},
    } as unknown as ConsensusOptions
    const context = { options, voting, counters: { rounds: 0 } } as unknown as HeightContext
    const start = { height: 1n, validators: validators(4), self: 0, restored: null, parentTimestamp: undefined }
    const run = new HeightRun(context, start)
    run.end()
    const late = [{ kind: 'start' }, { kind: 'timeout', step: 'propose', round: 0 }] as const
    await run.apply(late)
    expect(run.state.round).toBe(-1)
    expect(asked).toEqual([])
    const open = new HeightRun(context, start)
    await open.apply(late)
    expect(open.state.round).toBe(0)
    expect(asked).toEqual(['prevote'])
  })
})

describe('failure', () => {
  it('of the disk: nothing is sent, and consensus stops with the error', async () => {
    const store = createMemoryStore()
    const failing: KeyValueStore = {
      ...store,
      batch: async () => {
        throw new Error('disk full')
      },
    }
    const bench = await new Bench(1, failing).start({ isNew: false })
    const halts: string[] = []
    bench.engine.onHalt((halt) => halts.push(halt.kind))
    bench.chain.addTransaction(1)
    await bench.wait(100)
    expect(halts).toEqual(['failure'])
    expect(bench.sent).toEqual([])
  })

  it('of building a block: the round times out and the next one tries again', async () => {
    const bench = await new Bench(1).start()
    const propose = bench.chain.propose.bind(bench.chain)
    let calls = 0
    bench.chain.propose = async (height) => {
      calls += 1
      if (calls === 1) throw new Error('no block today')
      return propose(height)
    }
    bench.chain.addTransaction(1)
    await bench.wait(1_000)
    expect(bench.chain.height()).toBe(1n)
    expect(bench.chain.at(1n)?.certificate.round).toBe(1)
  })
})
