import { describe, expect, it } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { JOURNAL_DELAY } from './limits.ts'
import { BASE_FEE, transfer } from './testing/fakeChain.ts'
import { COST, code, testPool } from './testing/testPool.ts'

describe('the journal', () => {
  const entries = async (store: KeyValueStore) => {
    const keys: string[] = []
    for await (const [key] of store.range({ from: new Uint8Array(0), to: new Uint8Array(33).fill(0xff) }))
      keys.push(keyOf(key))
    return keys
  }

  it('brings back what was acknowledged', async () => {
    const store = createMemoryStore()
    const first = testPool({}, store)
    await first.add({ from: 0, nonce: 0n })
    await first.add({ from: 0, nonce: 1n }, 'peer')
    await first.add({ from: 1, nonce: 4n })
    // No clean stop.
    const second = testPool({}, store)
    await second.pool.ready
    expect(second.pool.counts()).toEqual({ pending: 2, queued: 1 })
    expect(second.nonces('pending', 0)).toEqual([0, 1])
  })

  it('is written before the acknowledgement', async () => {
    const store = createMemoryStore()
    let release = () => {}
    const slow: KeyValueStore = {
      ...store,
      batch: async (operations, options) => {
        await new Promise<void>((resolve) => {
          release = resolve
        })
        await store.batch(operations, options)
      },
    }
    const { pool, clock } = testPool({}, slow)
    let acknowledged = false
    const { raw, hash } = transfer({ from: 0, nonce: 0n })
    const adding = pool.add(raw, 'local').then(() => {
      acknowledged = true
    })
    await clock.advance(10)
    expect([acknowledged, pool.has(hash)]).toEqual([false, true])
    release()
    await adding
    expect(await entries(store)).toEqual([keyOf(hash)])
  })

  it('acknowledges nothing before its own batch is written', async () => {
    const store = createMemoryStore()
    const waiting: (() => void)[] = []
    const slow: KeyValueStore = {
      ...store,
      batch: async (operations, options) => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        await store.batch(operations, options)
      },
    }
    const { add, clock } = testPool({}, slow)
    const done: number[] = []
    for (const from of [0, 1, 2]) {
      void add({ from, nonce: 0n }).then(() => done.push(from))
      await clock.advance(1)
    }
    // The second and third share a batch, which is written after the first.
    expect(waiting).toHaveLength(1)
    waiting.shift()!()
    await clock.advance(1)
    expect(done).toEqual([0])
    expect(waiting).toHaveLength(1)
    waiting.shift()!()
    await clock.advance(1)
    expect(done).toEqual([0, 1, 2])
    expect(await entries(store)).toHaveLength(3)
  })

  it('forgets what is in a block, and what came to nothing', async () => {
    const store = createMemoryStore()
    const first = testPool({}, store)
    await first.add({ from: 0, nonce: 0n })
    await first.add({ from: 1, nonce: 0n })
    await first.commit([{ from: 0, nonce: 0n }])
    await first.pool.close()
    expect(await entries(store)).toEqual([keyOf(transfer({ from: 1, nonce: 0n }).hash)])
    const garbage = new Uint8Array(32).fill(1)
    const misplaced = new Uint8Array(32).fill(2)
    await store.batch(
      [
        { type: 'put', key: garbage, value: Uint8Array.of(1, 2, 3) },
        { type: 'put', key: misplaced, value: transfer({ from: 2, nonce: 0n }).raw },
      ],
      { sync: false },
    )
    const second = testPool({}, store)
    await second.pool.ready
    await second.pool.close()
    expect(second.pool.counts()).toEqual({ pending: 2, queued: 0 })
    expect((await entries(store)).toSorted()).toEqual(
      [1, 2].map((from) => keyOf(transfer({ from, nonce: 0n }).hash)).toSorted(),
    )
  })

  it('keeps what only waits for the base fee or for funds', async () => {
    const store = createMemoryStore()
    const first = testPool({}, store)
    await first.add({ from: 0, nonce: 0n })
    await first.add({ from: 1, nonce: 0n })
    const second = testPool({}, store)
    second.chain.setAccount(1, { balance: COST - 1n })
    second.chain.commit([], 3n * BASE_FEE)
    await second.pool.ready
    expect(second.pool.counts()).toEqual({ pending: 1, queued: 1 })
    expect(second.nonces('queued', 1)).toEqual([0])
  })

  it('never writes what is in a block before anybody is told of it', async () => {
    const store = createMemoryStore()
    let batches = 0
    const counted: KeyValueStore = {
      ...store,
      batch: (operations, options) => {
        batches++
        return store.batch(operations, options)
      },
    }
    const { pool, add, commit, clock } = testPool({}, counted)
    const held = transfer({ from: 0, nonce: 0n })
    expect(await pool.add(held.raw, 'held')).toEqual({ ok: true, hash: held.hash })
    await add({ from: 1, nonce: 0n }, 'peer')
    await commit([
      { from: 0, nonce: 0n },
      { from: 1, nonce: 0n },
    ])
    expect(await pool.keep(held.hash)).toEqual({ ok: true, hash: held.hash })
    await clock.advance(JOURNAL_DELAY)
    await pool.close()
    expect(batches).toBe(0)
  })

  it('waits for the disk only where it has the transaction to write', async () => {
    const stuck: KeyValueStore = { ...createMemoryStore(), batch: () => new Promise<void>(() => {}) }
    const { pool, commit } = testPool({}, stuck)
    const [waiting, mined] = [0, 1].map((from) => transfer({ from, nonce: 0n }))
    await pool.add(waiting!.raw, 'held')
    let isKept = false
    void pool.keep(waiting!.hash).then(() => {
      isKept = true
    })
    await pool.add(mined!.raw, 'held')
    await commit([{ from: 1, nonce: 0n }])
    // Its block is on the disk already.
    expect(await pool.keep(mined!.hash)).toEqual({ ok: true, hash: mined!.hash })
    expect(isKept).toBe(false)
  })

  it('writes before it is told that somebody may be told, and after a while in any case', async () => {
    const store = createMemoryStore()
    const { pool, add, clock } = testPool({}, store)
    const [first, second, third] = [0, 1, 2].map((from) => transfer({ from, nonce: 0n }))
    await pool.add(first!.raw, 'held')
    expect(await entries(store)).toEqual([])
    expect(await pool.keep(first!.hash)).toMatchObject({ ok: true })
    expect(await entries(store)).toEqual([keyOf(first!.hash)])
    await pool.add(second!.raw, 'held')
    // As good as an acknowledgement.
    expect(code(await pool.add(second!.raw, 'held'))).toBe('already-known')
    expect(await entries(store)).toHaveLength(2)
    await add({ from: 2, nonce: 0n }, 'peer')
    await clock.advance(JOURNAL_DELAY - 1)
    expect(await entries(store)).toHaveLength(2)
    await clock.advance(1)
    expect((await entries(store)).toSorted()).toEqual([first, second, third].map((tx) => keyOf(tx!.hash)).toSorted())
  })

  it('has the one or the other whenever a transaction takes the place of another', async () => {
    const store = createMemoryStore()
    const { pool, add, clock } = testPool({ transactions: 2 }, store)
    const [paysLeast, replaced] = [0, 1].map((from) => transfer({ from, nonce: 0n }))
    const dearer = { cap: 4n * BASE_FEE, tip: BASE_FEE }
    const replacement = transfer({ from: 1, nonce: 0n, ...dearer })
    const better = transfer({ from: 2, nonce: 0n, ...dearer })
    for (const from of [0, 1]) expect(code(await add({ from, nonce: 0n }))).toBe('ok')
    const before = [paysLeast, replaced].map((tx) => keyOf(tx!.hash)).toSorted()
    expect((await entries(store)).toSorted()).toEqual(before)
    expect(await pool.add(replacement.raw, 'held')).toMatchObject({ ok: true })
    expect(code(await add({ from: 2, nonce: 0n, ...dearer }, 'peer'))).toBe('ok')
    expect([...pool.transactions()].map(({ hash }) => keyOf(hash))).toEqual(
      [replacement, better].map((tx) => keyOf(tx.hash)),
    )
    await clock.advance(JOURNAL_DELAY - 1)
    expect((await entries(store)).toSorted()).toEqual(before)
    await clock.advance(1)
    expect((await entries(store)).toSorted()).toEqual([replacement, better].map((tx) => keyOf(tx.hash)).toSorted())
  })

  it('has nothing of a block that had what it has from before', async () => {
    const store = createMemoryStore()
    const first = testPool({}, store)
    const released = transfer({ from: 0, nonce: 0n })
    await first.add({ from: 0, nonce: 0n })
    // Set aside, it stays on the disk; then its sender sends it again.
    first.pool.setAside(released.hash)
    expect(await entries(store)).toHaveLength(1)
    expect(await first.pool.add(released.raw, 'held')).toMatchObject({ ok: true })
    await first.commit([{ from: 0, nonce: 0n }])
    await first.pool.close()
    expect(await entries(store)).toEqual([])
  })

  it('is written by a clean stop', async () => {
    const store = createMemoryStore()
    const { pool, add } = testPool({}, store)
    await add({ from: 0, nonce: 0n }, 'peer')
    await pool.close()
    expect(await entries(store)).toHaveLength(1)
  })

  it('does not keep what it could not write', async () => {
    const broken: KeyValueStore = { ...createMemoryStore(), batch: () => Promise.reject(new Error('disk full')) }
    const { pool } = testPool({}, broken)
    const { raw, hash } = transfer({ from: 0, nonce: 0n })
    expect(await pool.add(raw, 'held')).toEqual({ ok: true, hash })
    expect(code(await pool.keep(hash))).toBe('pool-full')
  })

  it('acknowledges nothing that it could not write, and reports the failure once', async () => {
    const store = createMemoryStore()
    const failures: unknown[] = []
    const broken: KeyValueStore = { ...store, batch: () => Promise.reject(new Error('disk full')) }
    const { add, log } = testPool({}, broken, (error) => failures.push(error))
    expect(code(await add({ from: 0, nonce: 0n }))).toBe('pool-full')
    expect(code(await add({ from: 1, nonce: 0n }))).toBe('pool-full')
    expect(log.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(failures).toEqual([new Error('disk full')])
  })
})
