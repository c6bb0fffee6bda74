/** Who may vote after a restart: a validator that lost its record of what it signed, and one that is alone with it. */
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/codec/bytes.ts'
import { EMPTY_RECORD_WAIT, MAX_CLOCK_DRIFT, MAX_EXECUTION_WAIT } from '../../src/consensus/limits.ts'
import { openSigner } from '../../src/consensus/signing/signer.ts'
import { contentsHash } from '../../src/consensus/wire/contents.ts'
import { decodeConsensusMessage, decodeProof } from '../../src/consensus/wire/messages.ts'
import type { KeyValueStore } from '../../src/runtime/keyValueStore.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import type { Block } from '../../src/types/block.ts'
import { Bench, certify, lightBlock, proposalOf, voteOf, votesOf } from './engineBench.ts'
import { GENESIS_HASH } from './lightChain.ts'
import { EPOCH } from './scheduler.ts'
import { simKey } from './simKey.ts'

describe('a validator without a record', () => {
  const STARTED = BigInt(EPOCH / 1000)
  const LATE = STARTED + MAX_CLOCK_DRIFT

  /** On a new chain, or one of one block made before the start. */
  async function withoutRecord(count: number, head: 0 | 1, signerStore = createMemoryStore()) {
    const store = createMemoryStore()
    const block = lightBlock()
    if (head === 1) {
      const { engine } = await new Bench(count).start({ store })
      const everyone = Array.from({ length: count }, (_, index) => index)
      expect(await engine.applyCertified(block, certify(block, everyone))).toEqual({ ok: true })
    }
    const bench = await new Bench(count, signerStore).start({ store, isNew: false })
    return { bench, parentHash: head === 1 ? block.hash : new Uint8Array(32) }
  }

  /** The others' proposal and precommits, heard live. */
  async function hears(bench: Bench, block: Block): Promise<void> {
    const height = block.header.number
    await bench.gossip(proposalOf(block, Number(height) % 4))
    await bench.wait(50)
    const precommits = [1, 2, 3].map((by) => voteOf('precommit', by, block, height))
    await bench.gossip(votesOf(precommits, { height }))
    await bench.wait(50)
  }

  it.each([0, 1] as const)('abstains until a block made since is decided without it, from head %i', async (head) => {
    const { bench, parentHash } = await withoutRecord(4, head)
    const height = BigInt(head) + 1n
    expect(bench.engine.status()).toMatchObject({ height, abstaining: true, isValidator: true })
    const first = lightBlock(height, { parentHash, timestamp: LATE + 1n })
    await bench.wait(3_000)
    await hears(bench, first)
    expect(bench.votes()).toEqual([])
    expect(bench.engine.status()).toMatchObject({ height: height + 1n, abstaining: false })
    const second = lightBlock(height + 1n, { parentHash: first.hash, timestamp: LATE + 2n })
    await bench.gossip(proposalOf(second, Number(height + 1n) % 4))
    await bench.wait(50)
    expect(bench.votes().length).toBe(1)
  })

  it('proposes nothing on a chain that only it takes for new', async () => {
    const { bench } = await withoutRecord(4, 0)
    bench.chain.addTransaction(1)
    await bench.wait(5_000)
    const messages = bench.sent.filter(({ topic }) => topic === 'consensus').map(({ message }) => message)
    expect(messages.length).toBeGreaterThan(0)
    expect(messages.map(decodeConsensusMessage).every((sent) => sent.kind === 'votes' && sent.votes.length === 0)).toBe(
      true,
    )
  })

  it('is not fooled by the old votes of an old block', async () => {
    const { bench, parentHash } = await withoutRecord(4, 1)
    await hears(bench, lightBlock(2n, { parentHash, timestamp: LATE }))
    expect(bench.engine.status()).toMatchObject({ height: 3n, abstaining: true })
  })

  it('is not fooled by an old block either that clocks an hour ahead had made', async () => {
    const { bench, parentHash } = await withoutRecord(4, 1)
    await bench.wait(20_000)
    const block = lightBlock(2n, { parentHash, timestamp: LATE + 3_600n })
    await bench.engine.applyCertified(block, certify(block, [1, 2, 3]))
    expect(bench.engine.status()).toMatchObject({ height: 3n, abstaining: true })
  })

  it('nor by one that has its time from a parent that such clocks had made', async () => {
    const { bench, parentHash } = await withoutRecord(4, 1)
    const parent = lightBlock(2n, { parentHash, timestamp: LATE + 5n })
    await bench.engine.applyCertified(parent, certify(parent, [1, 2, 3]))
    await bench.wait(40_000)
    const block = lightBlock(3n, { parentHash: parent.hash, timestamp: LATE + 5n })
    await bench.engine.applyCertified(block, certify(block, [1, 2, 3]))
    expect(bench.engine.status()).toMatchObject({ height: 4n, abstaining: true })
    const later = lightBlock(4n, { parentHash: block.hash, timestamp: LATE + 6n })
    await bench.engine.applyCertified(later, certify(later, [1, 2, 3]))
    expect(bench.engine.status()).toMatchObject({ height: 5n, abstaining: false })
  })

  it('nor by blocks made before its start, when its clock was an hour behind and is put right', async () => {
    const bench = new Bench(4)
    const right = bench.scheduler.clock(3_600_000)
    let error = 3_600_000
    await bench.start({ isNew: false, clock: { ...right, now: () => right.now() - error } })
    error = 0
    const block = lightBlock(1n, { timestamp: STARTED + 3_600n })
    await bench.engine.applyCertified(block, certify(block, [1, 2, 3]))
    expect(bench.engine.status()).toMatchObject({ height: 2n, abstaining: true })
    const later = lightBlock(2n, { parentHash: block.hash, timestamp: STARTED + 3_611n })
    await bench.wait(10_000)
    await bench.engine.applyCertified(later, certify(later, [1, 2, 3]))
    expect(bench.engine.status()).toMatchObject({ height: 3n, abstaining: false })
  })

  it('votes after a block made since that sync brought', async () => {
    const { bench, parentHash } = await withoutRecord(4, 1)
    await bench.wait(1_000)
    const block = lightBlock(2n, { parentHash, timestamp: LATE + 1n })
    await bench.engine.applyCertified(block, certify(block, [1, 2, 3]))
    expect(bench.engine.status()).toMatchObject({ height: 3n, abstaining: false })
  })

  it('remembers on disk that it may vote again, without having voted', async () => {
    const store = createMemoryStore()
    const { bench, parentHash } = await withoutRecord(4, 1, store)
    await bench.wait(1_000)
    await hears(bench, lightBlock(2n, { parentHash, timestamp: LATE + 1n }))
    await bench.engine.stop()
    expect((await withoutRecord(4, 1, store)).bench.engine.status().abstaining).toBe(false)
    expect((await withoutRecord(4, 1)).bench.engine.status().abstaining).toBe(true)
  })

  it('votes when its record was begun before its key was used', async () => {
    const store = createMemoryStore()
    await (await openSigner({ store, key: simKey(0), genesisHash: GENESIS_HASH })).begin(null)
    expect((await withoutRecord(4, 1, store)).bench.engine.status().abstaining).toBe(false)
  })

  it('votes when the chain would stop without it, once sync had time to bring what was decided', async () => {
    const { bench, parentHash } = await withoutRecord(3, 0)
    bench.chain.addTransaction(1)
    await bench.wait(EMPTY_RECORD_WAIT - 2_000)
    expect(bench.engine.status().abstaining).toBe(true)
    const block = lightBlock(1n, { parentHash })
    await bench.engine.applyCertified(block, certify(block, [0, 1, 2]))
    bench.engine.catchUpTo(20n)
    await bench.wait(1_000)
    bench.engine.catchUpTo(20n)
    // Sync goes on when the time is over, so another begins.
    await bench.wait(2_000)
    expect(bench.engine.status()).toMatchObject({ height: 2n, abstaining: true })
    expect(bench.votes()).toEqual([])
    await bench.wait(EMPTY_RECORD_WAIT)
    expect(bench.engine.status()).toMatchObject({ height: 2n, abstaining: false })
    expect(bench.votes()[0]).toBe('prevote 0 nil')
  })

  it('takes what it has forgotten for its own when it had to vote at a height the others are past, and votes on', async () => {
    const record = createMemoryStore()
    const { bench } = await withoutRecord(3, 0, record)
    bench.chain.addTransaction(1)
    // Alone for so long: it proposes or votes at height 1, and only then hears that there is more.
    await bench.wait(EMPTY_RECORD_WAIT + 2_000)
    expect(bench.votes().length).toBeGreaterThan(0)
    const made = [lightBlock()]
    for (const height of [2n, 3n]) made.push(lightBlock(height, { parentHash: made.at(-1)!.hash }))
    const sync = async (engine: Bench['engine'], blocks: readonly Block[]) => {
      for (const block of blocks)
        expect(await engine.applyCertified(block, certify(block, [0, 1, 2]))).toEqual({ ok: true })
    }
    await sync(bench.engine, made)
    expect(bench.engine.status()).toMatchObject({ height: 4n, abstaining: false, twin: null })
    await bench.engine.stop()
    const { bench: again } = await withoutRecord(3, 0, record)
    await sync(again.engine, made)
    expect(again.engine.status()).toMatchObject({ height: 4n, abstaining: false, twin: null })
    // A block made since ends that: what it signed before is below.
    const late = lightBlock(4n, { parentHash: made[2]!.hash, timestamp: LATE + 1n })
    again.chain.addTransaction(1)
    await again.wait(1_000)
    await sync(again.engine, [late])
    expect(again.engine.status()).toMatchObject({ height: 5n, twin: null })
    await sync(again.engine, [lightBlock(5n, { parentHash: late.hash, timestamp: LATE + 2n })])
    expect(again.engine.status()).toMatchObject({ twin: { height: 5n, round: 0, step: 'precommit' } })
  })

  it('has its own old votes back at any height when it lost its chain before it voted again', async () => {
    const record = createMemoryStore()
    const { bench, parentHash } = await withoutRecord(4, 1, record)
    await bench.wait(1_000)
    await hears(bench, lightBlock(2n, { parentHash, timestamp: LATE + 1n }))
    expect(bench.engine.status()).toMatchObject({ height: 3n, abstaining: false })
    await bench.engine.stop()
    const { bench: wiped } = await withoutRecord(4, 0, record)
    wiped.chain.addTransaction(1)
    await wiped.wait(3_000)
    expect(wiped.votes()).toEqual([])
    const first = lightBlock()
    for (const block of [first, lightBlock(2n, { parentHash: first.hash })]) {
      expect(await wiped.engine.applyCertified(block, certify(block, [0, 1, 2]))).toEqual({ ok: true })
    }
    expect(wiped.engine.status()).toMatchObject({ height: 3n, abstaining: false, twin: null })
  })

  it('votes at once when it is the only validator', async () => {
    expect((await withoutRecord(1, 1)).bench.engine.status().abstaining).toBe(false)
  })
})

it('who is behind is answered with the certificate of the head, also after a restart', async () => {
  const store = createMemoryStore()
  const block = lightBlock()
  const certificate = certify(block)
  await (await new Bench(4).start({ store })).engine.applyCertified(block, certificate)
  const bench = await new Bench(4).start({ store })
  await bench.gossip(votesOf([voteOf('prevote', 2, block)], { attempt: 7 }))
  const answers = bench.sent.filter(({ topic }) => topic === 'block').map(({ message }) => decodeProof(message))
  expect(answers).toMatchObject([{ kind: 'announcement', certificate }])
})

describe('restart of a validator that is alone', () => {
  /** Stopped by a kill right after its proposal was signed. */
  async function afterProposal(): Promise<KeyValueStore> {
    const signerStore = createMemoryStore()
    const block = lightBlock(1n, { nonce: 77 })
    const signer = await openSigner({ store: signerStore, key: simKey(0), genesisHash: GENESIS_HASH })
    const content = {
      genesisHash: GENESIS_HASH,
      height: 1n,
      round: 0,
      step: 0,
      validRound: -1,
      blockHash: block.hash,
      contentsHash: contentsHash(new Uint8Array(0)),
    } as const
    const proposal = (signature: Uint8Array) => proposalOf(block, 0, { signature })
    signer.sign({ content, locked: null, valid: null, proposal })
    await signer.flush()
    return signerStore
  }

  it('goes on with the proposal it signed, in its round', async () => {
    const bench = await new Bench(1, await afterProposal()).start()
    await bench.wait(100)
    expect(bench.chain.at(1n)?.certificate.round).toBe(0)
    expect(keyOf(bench.chain.headHash())).toBe(keyOf(lightBlock(1n, { nonce: 77 }).hash))
  })

  it('and has the timeout of its round running', async () => {
    const bench = new Bench(1, await afterProposal())
    const started = bench.start()
    bench.chain.validate = () => new Promise(() => {})
    await started
    await bench.wait(400)
    // A block that is being executed is waited for, but not for ever.
    expect(bench.votes()[0]).toBeUndefined()
    await bench.wait(MAX_EXECUTION_WAIT)
    expect(bench.votes()[0]).toBe('prevote 0 nil')
  })
})
