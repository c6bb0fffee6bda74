/** A pool that has no room: who gives way to whom. */
import { describe, expect, it } from 'vitest'
import { DEFAULT_TXPOOL_LIMITS } from './limits.ts'
import { GAS_LIMIT, transfer } from './testing/fakeChain.ts'
import { code, message, testPool } from './testing/testPool.ts'

describe('a full pool', () => {
  it('evicts what pays worse, and nothing that pays better or the same', async () => {
    const { add, pool, log } = testPool({ transactions: 3 })
    await add({ from: 0, nonce: 0n, tip: 10n })
    await add({ from: 1, nonce: 0n, tip: 20n })
    await add({ from: 2, nonce: 0n, tip: 10n })
    const refused = await add({ from: 3, nonce: 0n, tip: 10n })
    expect(message(refused)).toMatch(/^transaction underpriced: txpool is full/)
    expect(code(await add({ from: 3, nonce: 0n, tip: 11n }))).toBe('ok')
    // Of the two that paid least, the newer one went.
    expect([...pool.transactions()].map(({ sender }) => sender.at(-1))).toEqual([0, 1, 3])
    expect(log.some(({ fields }) => JSON.stringify(fields).includes('the pool is full'))).toBe(true)
    expect(code(await add({ from: 4, nonce: 0n, tip: 30n }))).toBe('ok')
    expect(code(await add({ from: 5, nonce: 0n, tip: 12n }))).toBe('ok')
    expect(code(await add({ from: 6, nonce: 0n, tip: 12n }))).toBe('pool-full')
    expect([...pool.transactions()].map(({ sender }) => sender.at(-1))).toEqual([1, 4, 5])
  })

  it('is full by bytes too', async () => {
    const { add, pool } = testPool({ bytes: 2_000 })
    const data = new Uint8Array(900)
    await add({ from: 0, nonce: 0n, tip: 1n, data, gasLimit: 100_000n })
    await add({ from: 1, nonce: 0n, tip: 2n, data, gasLimit: 100_000n })
    expect(code(await add({ from: 2, nonce: 0n, tip: 1n, data, gasLimit: 100_000n }))).toBe('pool-full')
    expect(code(await add({ from: 2, nonce: 0n, tip: 3n, data, gasLimit: 100_000n }))).toBe('ok')
    expect([...pool.transactions()].map(({ sender }) => sender.at(-1))).toEqual([1, 2])
  })

  it('compares at the base fee of the day', async () => {
    const { add, pool, commit } = testPool({ transactions: 2 })
    await add({ from: 0, nonce: 0n, cap: 1_500n, tip: 400n })
    await add({ from: 1, nonce: 0n, cap: 9_000n, tip: 300n })
    expect(code(await add({ from: 2, nonce: 0n, cap: 9_000n, tip: 300n }))).toBe('pool-full')
    // Now the first leaves a tip of 100 only.
    await commit([], 1_400n)
    expect(code(await add({ from: 2, nonce: 0n, cap: 9_000n, tip: 200n }))).toBe('ok')
    expect([...pool.transactions()].map(({ sender }) => sender.at(-1))).toEqual([1, 2])
  })

  it('gives those that cannot run a part of the room only', async () => {
    const { add, pool, nonces } = testPool({ queued: 2 })
    await add({ from: 0, nonce: 5n, tip: 10n })
    await add({ from: 1, nonce: 5n, tip: 20n })
    expect(code(await add({ from: 2, nonce: 5n, tip: 10n }))).toBe('pool-full')
    expect(code(await add({ from: 2, nonce: 5n, tip: 15n }))).toBe('ok')
    expect(nonces('queued', 0)).toEqual([])
    // One that can run is welcome, however little it pays.
    expect(code(await add({ from: 3, nonce: 0n, tip: 0n }))).toBe('ok')
    expect(pool.counts()).toEqual({ pending: 1, queued: 2 })
  })

  it('shares that part by senders, whatever they offer', async () => {
    const { add, pool, nonces } = testPool({ queued: 30 })
    // Three with a gap each, who offer much.
    for (let nonce = 1n; nonce <= 10n; nonce++) {
      for (const from of [0, 1, 2]) expect(code(await add({ from, nonce, tip: 1_000n }))).toBe('ok')
    }
    expect(message(await add({ from: 0, nonce: 11n, tip: 1_500n }))).toMatch(
      /^txpool is full of transactions that cannot/,
    )
    for (let nonce = 1n; nonce <= 7n; nonce++) expect(code(await add({ from: 3, nonce, tip: 1n }))).toBe('ok')
    const waiting = () => [0, 1, 2, 3].map((from) => nonces('queued', from).length)
    expect(waiting()).toEqual([7, 8, 8, 7])
    expect(code(await add({ from: 3, nonce: 8n, tip: 1n }))).toBe('pool-full')
    // The earlier ones stay: a gap is filled from its beginning.
    expect(nonces('queued', 0)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(pool.counts()).toEqual({ pending: 0, queued: 30 })
  })

  it('gives what cannot run no place of what can, however much it offers', async () => {
    const { add, pool, nonces } = testPool({ transactions: 3 })
    await add({ from: 0, nonce: 0n, tip: 1n })
    await add({ from: 1, nonce: 0n, tip: 2n })
    await add({ from: 2, nonce: 0n, tip: 3n })
    expect(code(await add({ from: 3, nonce: 5n, tip: 900n }))).toBe('pool-full')
    expect(pool.counts()).toEqual({ pending: 3, queued: 0 })
    await add({ from: 0, nonce: 0n, cap: 5_000n, tip: 10n })
    pool.drop([{ hash: transfer({ from: 2, nonce: 0n, tip: 3n }).hash, message: 'gone' }])
    expect(code(await add({ from: 3, nonce: 5n, tip: 900n }))).toBe('ok')
    // Among those that cannot run, the better-paying takes the place.
    expect(code(await add({ from: 4, nonce: 5n, tip: 901n }))).toBe('ok')
    expect([nonces('queued', 3), nonces('queued', 4)]).toEqual([[], [5]])
    // A transaction that can run takes it for the asking.
    expect(code(await add({ from: 5, nonce: 0n, tip: 0n }))).toBe('ok')
    expect(pool.counts()).toEqual({ pending: 3, queued: 0 })
  })

  it('counts those that had to wait later among those that cannot run', async () => {
    const { add, pool, nonces } = testPool({ queued: 2 })
    await add({ from: 0, nonce: 5n, tip: 50n })
    await add({ from: 1, nonce: 5n, tip: 40n })
    expect(code(await add({ from: 2, nonce: 5n, tip: 45n }))).toBe('ok')
    await add({ from: 3, nonce: 0n, tip: 5n })
    await add({ from: 3, nonce: 1n, tip: 1n })
    pool.drop([{ hash: transfer({ from: 3, nonce: 0n, tip: 5n }).hash, message: 'gone' }])
    expect(nonces('queued', 3)).toEqual([1])
    expect(code(await add({ from: 4, nonce: 5n, tip: 60n }))).toBe('ok')
    expect([...pool.transactions()].map(({ sender }) => sender.at(-1))).toEqual([0, 4])
  })

  it('bounds each sender, but lets it close a gap', async () => {
    const { add, nonces } = testPool({ perSender: 3 })
    for (const nonce of [1n, 2n, 3n]) await add({ from: 0, nonce })
    expect(code(await add({ from: 0, nonce: 4n }))).toBe('sender-limit')
    expect(code(await add({ from: 0, nonce: 0n }))).toBe('ok')
    expect(nonces('pending', 0)).toEqual([0, 1, 2])
    expect(code(await add({ from: 0, nonce: 3n }))).toBe('sender-limit')
    // A replacement needs no place.
    expect(code(await add({ from: 0, nonce: 1n, cap: 4_000n, tip: 10n }))).toBe('ok')
  })

  it('bounds the gas that a sender reserves, but lets it close a gap', async () => {
    const { add, nonces, chain } = testPool({ senderBlocks: 2n })
    chain.setAccount(0, { balance: 10n ** 20n })
    const half = GAS_LIMIT / 2n
    for (const nonce of [0n, 1n, 3n]) expect(code(await add({ from: 0, nonce, gasLimit: half }))).toBe('ok')
    const refused = await add({ from: 0, nonce: 4n, gasLimit: half + 1n })
    expect(code(refused)).toBe('sender-limit')
    expect(message(refused)).toBe(
      "the gas limits of this sender's transactions in the txpool are 45000000 together already; with 15000001 more they " +
        "would be over 60000000, 2 times a block's. Set gas limits near to what is used, or wait for a block",
    )
    expect(code(await add({ from: 0, nonce: 4n, gasLimit: half }))).toBe('ok')
    // The last one cannot run and makes room, and one after it is enough.
    expect(code(await add({ from: 0, nonce: 2n }))).toBe('ok')
    expect(nonces('pending', 0)).toEqual([0, 1, 2, 3])
    // A replacement counts by what it reserves more.
    expect(code(await add({ from: 0, nonce: 2n, cap: 4_000n, tip: 10n, gasLimit: half + 1n }))).toBe('sender-limit')
    expect(code(await add({ from: 0, nonce: 2n, cap: 4_000n, tip: 10n, gasLimit: half }))).toBe('ok')
    expect(code(await add({ from: 1, nonce: 0n, gasLimit: half }))).toBe('ok')
  })

  it('leaves a sender all of its places for usual gas limits', () => {
    const { perSender, senderBlocks } = DEFAULT_TXPOOL_LIMITS
    expect(BigInt(perSender) * 900_000n).toBeLessThanOrEqual(senderBlocks * GAS_LIMIT)
  })

  it('gives large ones a part of the room only, by what they reserve, and others do not feel it', async () => {
    const { add, pool, chain } = testPool({ largeBlocks: 2n })
    for (let index = 0; index < 10; index++) chain.setAccount(index, { balance: 10n ** 20n })
    const large = { nonce: 0n, gasLimit: GAS_LIMIT }
    await add({ ...large, from: 0, tip: 50n })
    await add({ ...large, from: 1, tip: 40n })
    const least = { nonce: 0n, gasLimit: GAS_LIMIT / 16n }
    expect(code(await add({ ...least, from: 2, tip: 1n }))).toBe('ok')
    const refused = await add({ ...large, gasLimit: GAS_LIMIT / 2n + 1n, from: 3, tip: 40n })
    expect(code(refused)).toBe('pool-full')
    expect(message(refused)).toBe(
      "transaction underpriced: txpool is full of gas limits over a block's / 2 and its cheapest transaction tips 40",
    )
    expect(code(await add({ ...large, from: 3, tip: 41n }))).toBe('ok')
    expect([...pool.transactions()].map(({ sender }) => sender.at(-1))).toEqual([0, 2, 3])
    // Of a replacement the difference counts.
    expect(code(await add({ ...large, from: 3, cap: 4_000n, tip: 60n }))).toBe('ok')
    expect(code(await add({ ...large, from: 0, cap: 4_000n, tip: 60n, gasLimit: 21_000n }))).toBe('ok')
    expect(code(await add({ ...large, from: 4, tip: 1n }))).toBe('ok')
  })

  it('keeps no large one out for larger ones, of which few go into a block however little they use', async () => {
    const { add, chain } = testPool({ largeBlocks: 1n })
    for (let index = 0; index < 10; index++) chain.setAccount(index, { balance: 10n ** 20n })
    const of = (part: bigint, from: number, tip: bigint) => add({ from, nonce: 0n, gasLimit: GAS_LIMIT / part, tip })
    expect(code(await of(1n, 0, 50n))).toBe('ok')
    for (const [part, from] of [
      [2n, 1],
      [4n, 2],
      [8n, 3],
    ] as const) {
      expect(code(await of(part, from, 1n))).toBe('ok')
    }
    expect(code(await of(1n, 4, 50n))).toBe('pool-full')
    expect(code(await of(2n, 5, 1n))).toBe('ok')
    expect(code(await of(2n, 6, 1n))).toBe('pool-full')
  })

  it('tells of one that came behind another that could run before', async () => {
    const { add, pool, pending } = testPool()
    for (const nonce of [0n, 1n]) await add({ from: 0, nonce })
    pool.drop([{ hash: transfer({ from: 0, nonce: 0n }).hash, message: 'funds gone' }])
    await add({ from: 0, nonce: 2n })
    await add({ from: 0, nonce: 0n, cap: 3_000n })
    expect(pending.map(({ transaction }) => transaction.nonce)).toEqual([0n, 1n, 0n, 2n])
  })

  it('takes a large one that can run for those that wait behind gaps, whatever they would pay', async () => {
    const { add, chain, nonces } = testPool({ largeBlocks: 2n })
    for (let index = 0; index < 10; index++) chain.setAccount(index, { balance: 10n ** 20n })
    const large = { gasLimit: GAS_LIMIT, cap: 4_000n }
    await add({ ...large, from: 0, nonce: 1n, tip: 500n })
    await add({ ...large, from: 1, nonce: 1n, tip: 600n })
    expect(code(await add({ ...large, from: 2, nonce: 0n, tip: 1n }))).toBe('ok')
    expect([nonces('queued', 0), nonces('queued', 1), nonces('pending', 2)]).toEqual([[], [1], [0]])
    expect(code(await add({ ...large, from: 3, nonce: 0n, tip: 2n }))).toBe('ok')
    // And of those that can run none goes for one that cannot.
    expect(code(await add({ ...large, from: 4, nonce: 1n, tip: 500n }))).toBe('pool-full')
    expect(code(await add({ ...large, from: 4, nonce: 0n, tip: 500n }))).toBe('ok')
    expect([nonces('pending', 2), nonces('pending', 3), nonces('pending', 4)]).toEqual([[], [0], [0]])
  })

  it('refuses more than it can check', async () => {
    const { pool } = testPool({ waiting: 2 })
    const raws = [0, 1, 2, 3].map((from) => transfer({ from, nonce: 0n }).raw)
    const outcomes = await pool.addMany(raws, 'peer')
    expect(outcomes.map(code)).toEqual(['ok', 'ok', 'pool-full', 'pool-full'])
  })

  it('drops what waited too long without being able to run', async () => {
    const { add, clock, pool, nonces } = testPool({ queuedLifetime: 100_000 })
    await add({ from: 0, nonce: 0n })
    await add({ from: 0, nonce: 2n })
    await clock.advance(60_000)
    await add({ from: 1, nonce: 2n })
    await clock.advance(61_000)
    expect(pool.counts()).toEqual({ pending: 1, queued: 1 })
    expect(nonces('queued', 1)).toEqual([2])
  })
})
