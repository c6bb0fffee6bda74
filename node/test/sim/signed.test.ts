/** When what a validator signs is written, when it is sent, and when the block that it decides is shown. */
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/codec/bytes.ts'
import { REBROADCAST_MAX } from '../../src/consensus/limits.ts'
import { forgottenHeight } from '../../src/consensus/signing/forgottenHeight.ts'
import { openSigner } from '../../src/consensus/signing/signer.ts'
import type { KeyValueStore } from '../../src/runtime/keyValueStore.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import type { Block } from '../../src/types/block.ts'
import { Bench, lightBlock, proposalOf, voteOf, votesOf } from './engineBench.ts'
import { GENESIS_HASH } from './lightChain.ts'
import { simKey, simVerify } from './simKey.ts'

describe('what is signed', () => {
  /** A record whose writes wait to be let through. */
  function heldRecord() {
    const inner = createMemoryStore()
    const waiting: (() => void)[] = []
    const syncs: boolean[] = []
    let isHeld = false
    const store: KeyValueStore = {
      ...inner,
      get: (key) => inner.get(key),
      range: (range) => inner.range(range),
      async batch(operations, options) {
        if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve))
        syncs.push(options.sync)
        await inner.batch(operations, options)
      },
    }
    return {
      store,
      syncs,
      /** The machine stops: what was held is lost. */
      crash() {
        isHeld = false
        waiting.length = 0
      },
      hold() {
        isHeld = true
        syncs.length = 0
      },
      letThrough() {
        isHeld = false
        for (const resolve of waiting.splice(0)) resolve()
      },
    }
  }

  /** What a node would find if the machine stopped now. */
  const onDisk = async (store: KeyValueStore) => (await new Bench(1).start({ store })).chain

  it('by a lone validator is written at once, and nothing comes of it before', async () => {
    const [record, store] = [heldRecord(), createMemoryStore()]
    const bench = await new Bench(1, record.store).start({ store })
    record.hold()
    bench.chain.addTransaction(1)
    // Long enough for repetitions, too.
    await bench.wait(REBROADCAST_MAX)
    expect(bench.votes()).toEqual([])
    expect(bench.sent.filter(({ topic }) => topic === 'block')).toEqual([])
    expect([bench.chain.height(), (await onDisk(store)).height()]).toEqual([0n, 0n])
    record.letThrough()
    await bench.wait(50)
    expect(bench.chain.height()).toBe(1n)
    expect(record.syncs).toEqual([true])
    expect(bench.votes().map((vote) => vote.split(' ')[0])).toEqual(['prevote', 'precommit'])
  })

  it('while the node stops is written and not acted on; the next run goes on with it', async () => {
    const record = heldRecord()
    const store = createMemoryStore()
    const bench = await new Bench(1, record.store).start({ store })
    record.hold()
    bench.chain.addTransaction(1)
    await bench.wait(50)
    const stopped = bench.engine.stop()
    record.letThrough()
    await stopped
    expect(record.syncs).toEqual([true])
    expect(bench.sent).toEqual([])
    expect(bench.chain.height()).toBe(0n)
    await bench.start({ store, isNew: false })
    await bench.wait(50)
    expect(bench.chain.height()).toBe(1n)
    // The votes are those on the record: nothing was signed anew.
    expect(record.syncs).toEqual([true])
  })

  it('by a lone validator at a later height is written beside the block, which nobody sees before', async () => {
    const [record, store] = [heldRecord(), createMemoryStore()]
    const bench = await new Bench(1, record.store).start({ store })
    bench.chain.addTransaction(1)
    await bench.wait(50)
    expect(bench.chain.height()).toBe(1n)
    const announced = () => bench.sent.filter(({ topic }) => topic === 'block').length
    expect([bench.votes().length, announced()]).toEqual([2, 1])
    record.hold()
    bench.chain.addTransaction(2)
    // Long enough for repetitions, too.
    await bench.wait(REBROADCAST_MAX)
    expect((await onDisk(store)).height()).toBe(2n)
    expect([bench.chain.height(), bench.engine.status().height]).toEqual([1n, 2n])
    expect([bench.votes().length, announced()]).toEqual([2, 1])
    record.letThrough()
    await bench.wait(50)
    expect([bench.chain.height(), bench.engine.status().height]).toEqual([2n, 3n])
    expect(record.syncs).toEqual([true])
    expect([bench.votes().length, announced()]).toEqual([4, 2])
  })

  it('and is lost without its block: the height is closed before the chain is shown, and the next one goes on', async () => {
    const [record, store] = [heldRecord(), createMemoryStore()]
    const bench = await new Bench(1, record.store).start({ store })
    bench.chain.addTransaction(1)
    await bench.wait(50)
    record.hold()
    bench.chain.addTransaction(2)
    await bench.wait(50)
    void bench.engine.stop()
    record.crash()
    const { block, certificate } = (await onDisk(store)).at(2n)!
    const signer = await openSigner({ store: record.store, key: simKey(0), genesisHash: GENESIS_HASH })
    expect(signer.last()?.height).toBe(1n)
    const shown = { certificate, genesisHash: GENESIS_HASH, verify: simVerify }
    expect(await forgottenHeight(signer, shown)).toBeNull()
    // Also where the chain is deleted, and somebody who has none of it starts the height anew.
    const content = {
      genesisHash: GENESIS_HASH,
      height: 2n,
      round: 7,
      step: 1,
      validRound: -1,
      contentsHash: null,
    } as const
    for (const blockHash of [block.hash, null]) {
      const outcome = signer.sign({ content: { ...content, blockHash }, locked: null, valid: null })
      expect(outcome).toMatchObject({ ok: false, code: 'regression' })
    }
    await bench.start({ store, isNew: false })
    bench.chain.addTransaction(3)
    await bench.wait(50)
    expect(bench.chain.height()).toBe(3n)
  })

  it('by one of several is written before the block that it decides with the others', async () => {
    const [record, store] = [heldRecord(), createMemoryStore()]
    const bench = await new Bench(4, record.store).start({ store })
    const decide = async (block: Block, proposer: number) => {
      const height = block.header.number
      await bench.gossip(proposalOf(block, proposer))
      await bench.wait(50)
      const both = (type: 'prevote' | 'precommit') => [1, 2].map((by) => voteOf(type, by, block, height))
      await bench.gossip(votesOf([...both('precommit'), ...both('prevote')], { height }))
      await bench.wait(50)
    }
    const first = lightBlock()
    await decide(first, 1)
    expect(bench.chain.height()).toBe(1n)
    const second = lightBlock(2n, { parentHash: first.hash })
    await bench.gossip(proposalOf(second, 2))
    await bench.wait(50)
    record.hold()
    await decide(second, 2)
    expect((await onDisk(store)).height()).toBe(1n)
    record.letThrough()
    await bench.wait(50)
    expect(bench.chain.height()).toBe(2n)
  })

  it('by one of four is told to nobody before it is written: not by itself, not in repetitions', async () => {
    const record = heldRecord()
    const bench = await new Bench(4, record.store).start()
    const block = lightBlock()
    record.hold()
    await bench.gossip(proposalOf(block))
    await bench.wait(REBROADCAST_MAX)
    await bench.gossip(votesOf([voteOf('prevote', 2, block)], { attempt: 3 }))
    await bench.wait(REBROADCAST_MAX)
    expect(bench.votes()).toEqual([])
    record.letThrough()
    await bench.wait(50)
    expect(bench.votes()).toEqual([`prevote 0 ${keyOf(block.hash).slice(0, 6)}`])
  })

  it('and cannot be written: the block beside it is shown to nobody, and consensus stops', async () => {
    const inner = createMemoryStore()
    let isFull = false
    const failing: KeyValueStore = {
      ...inner,
      async batch(operations, options) {
        if (isFull) throw new Error('disk full')
        await inner.batch(operations, options)
      },
    }
    const bench = await new Bench(1, failing).start()
    bench.chain.addTransaction(1)
    await bench.wait(50)
    const { length } = bench.sent
    isFull = true
    const halts: string[] = []
    bench.engine.onHalt((halt) => halts.push(halt.kind))
    bench.chain.addTransaction(2)
    await bench.wait(100)
    expect(halts).toEqual(['failure'])
    expect([bench.chain.height(), bench.sent.length]).toEqual([1n, length])
  })
})
