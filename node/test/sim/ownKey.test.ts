/** Another node with this validator's key, or an older copy of its record: noticed, and nothing is signed from then on. */
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import type { Block } from '../../src/types/block.ts'
import { Bench, certify, lightBlock, proposalOf, voteOf, votesOf } from './engineBench.ts'

const first = lightBlock(1n)
const second = lightBlock(2n, { parentHash: first.hash })
const third = lightBlock(3n, { parentHash: second.hash })

/** Validator 0 of 4 has voted at height 1, which is decided; at height 2 nobody has said anything. */
async function atHeight2(): Promise<Bench> {
  const bench = await new Bench(4).start()
  await decides(bench, first)
  expect(bench.engine.status()).toMatchObject({ height: 2n, abstaining: false, twin: null })
  return bench
}

/** The others' proposal and votes. */
async function decides(bench: Bench, block: Block): Promise<void> {
  const height = block.header.number
  await bench.gossip(proposalOf(block, Number(height) % 4))
  await bench.wait(50)
  for (const type of ['prevote', 'precommit'] as const) {
    const votes = [1, 2, 3].map((by) => voteOf(type, by, block, height))
    await bench.gossip(votesOf(votes, { height }))
    await bench.wait(50)
  }
}

/** It follows, and says nothing of its own. */
async function expectNoVote(bench: Bench, block: Block): Promise<void> {
  const before = bench.votes().length
  await decides(bench, block)
  expect(bench.engine.status().height).toBe(block.header.number + 1n)
  expect(bench.votes().length).toBe(before)
}

describe("a message signed with this validator's key and not by this node", () => {
  it('is noticed in a vote that came before its own', async () => {
    const bench = await atHeight2()
    await bench.gossip(votesOf([voteOf('prevote', 0, second, 2n)], { height: 2n }))
    const twin = { height: 2n, round: 0, step: 'prevote' }
    expect(bench.engine.status()).toMatchObject({ height: 2n, abstaining: true, isValidator: true, twin })
    await expectNoVote(bench, second)
    await expectNoVote(bench, third)
    expect(bench.engine.status()).toMatchObject({ abstaining: true, twin, halted: null })
  })

  it('is noticed in a vote against its own', async () => {
    const bench = await atHeight2()
    await bench.gossip(proposalOf(second, 2))
    await bench.wait(50)
    expect(bench.votes().at(-1)).toContain('prevote 0')
    await bench.gossip(votesOf([voteOf('prevote', 0, null, 2n)], { height: 2n }))
    expect(bench.engine.status()).toMatchObject({ abstaining: true, twin: { height: 2n, step: 'prevote' } })
    await expectNoVote(bench, second)
  })

  it('is noticed in a proposal', async () => {
    const bench = await atHeight2()
    for (const block of [second, third]) await decides(bench, block)
    const fourth = lightBlock(4n, { parentHash: third.hash })
    await bench.gossip(proposalOf(fourth, 0))
    const twin = { height: 4n, round: 0, step: 'proposal' }
    expect(bench.engine.status()).toMatchObject({ height: 4n, abstaining: true, twin })
    await expectNoVote(bench, fourth)
  })

  it('is noticed in the polka of a proposal', async () => {
    const bench = await atHeight2()
    const polka = [0, 1, 2].map((by) => {
      const { index, signature } = voteOf('prevote', by, second, 2n)
      return { index, signature }
    })
    await bench.gossip(proposalOf(second, 3, { round: 1, validRound: 0, polka }))
    expect(bench.engine.status()).toMatchObject({ abstaining: true, twin: { height: 2n, round: 0, step: 'prevote' } })
  })

  it('is noticed in a certificate that sync brought', async () => {
    const bench = await atHeight2()
    expect(await bench.engine.applyCertified(second, certify(second, [0, 1, 2]))).toEqual({ ok: true })
    const twin = { height: 2n, round: 0, step: 'precommit' }
    expect(bench.engine.status()).toMatchObject({ height: 3n, abstaining: true, twin })
    await expectNoVote(bench, third)
  })

  it('may be its own where the record began after it, so it votes on', async () => {
    const store = createMemoryStore()
    const bench = await new Bench(4, store).start()
    await bench.gossip(votesOf([voteOf('prevote', 0, first)]))
    await decides(bench, first)
    expect(bench.engine.status()).toMatchObject({ height: 2n, abstaining: false, twin: null })
    await bench.engine.stop()
    // After a restart at the height of the newest signature too.
    const again = await new Bench(4, store).start({ isNew: false })
    await again.gossip(votesOf([voteOf('precommit', 0, null)]))
    expect(again.engine.status()).toMatchObject({ abstaining: false, twin: null })
  })

  it('is forgotten when the node is started again, as its operator has done something about it', async () => {
    const [chain, record] = [createMemoryStore(), createMemoryStore()]
    const bench = await new Bench(4, record).start({ store: chain })
    await decides(bench, first)
    await bench.engine.applyCertified(second, certify(second, [0, 1, 2]))
    expect(bench.engine.status().abstaining).toBe(true)
    await bench.engine.stop()
    const again = await new Bench(4, record).start({ store: chain, isNew: false })
    expect(again.engine.status()).toMatchObject({ height: 3n, abstaining: false, twin: null })
    await decides(again, third)
    expect(again.votes().length).toBeGreaterThan(0)
  })
})
