/**
 * Dev transactions in the pool: who may make them, what room they have, and what becomes of the others when one is in a
 * block.
 */
import { describe, expect, it, vi } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { ChainError } from '../chain/chainService.ts'
import { devTransaction, operate } from '../chain/testing/devFixtures.ts'
import { accounts } from '../chain/testing/fixtures.ts'
import { bigintToBytes } from '../codec/bytes.ts'
import { DEV_ADDRESS } from '../execution/dev/devStorage.ts'
import { DROPPED_TOPIC, SNAPSHOT_TOPIC } from '../execution/dev/devTopics.ts'
import { type DevOperation, encodeOperations } from '../execution/dev/operations.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { isDevTransaction } from '../types/transaction.ts'
import { DEV_SALT_BYTES, encodeTransaction } from '../types/transactionCodec.ts'
import { MAX_DEV_WAITING } from './limits.ts'
import { addressOf, GAS_LIMIT, transfer } from './testing/fakeChain.ts'
import { code, devPool, heldRecoverer, message, RICH } from './testing/testPool.ts'
import { openTxPool } from './txPool.ts'

const PEER = { peer: 'a', named: false }

describe('dev transactions', () => {
  it('of a stranger are the fault of whoever sent them, and of no chain that has no dev mode', async () => {
    const { pool } = devPool()
    const forged = devTransaction({}, accounts[0]!.privateKey)
    expect(await pool.addFrom(PEER, [forged.raw])).toMatchObject([
      { ok: false, code: 'dev-unauthorized', standing: 'fault' },
    ])
    const without = devPool(null)
    expect(await without.pool.addFrom(PEER, [devTransaction({}).raw])).toMatchObject([
      { ok: false, code: 'dev-unauthorized', standing: 'fault' },
    ])
    expect([pool.counts(), without.pool.counts()]).toEqual(Array(2).fill({ pending: 0, queued: 0 }))
  })

  it('of the controller come from peers too, are selected first, and are known when they are in a block', async () => {
    const { pool, add, commit, chain } = devPool()
    expect(code(await add({ from: 0, nonce: 0n }))).toBe('ok')
    const one = operate({ kind: 'setNonce', address: addressOf(1), nonce: 3n })
    expect((await pool.addFrom(PEER, [one.raw])).map(code)).toEqual(['ok'])
    expect((await pool.addFrom(PEER, [one.raw])).map(code)).toEqual(['already-known'])
    expect(pool.select(GAS_LIMIT, 1_000n).map(({ transaction }) => transaction.type)).toEqual([0x7d, 2])
    expect([pool.waitingDev(), pool.counts()]).toEqual([1, { pending: 2, queued: 0 }])
    chain.use(one.hash)
    await commit([one])
    expect(pool.waitingDev()).toBe(0)
    expect(await pool.addFrom(PEER, [one.raw])).toMatchObject([{ ok: false, code: 'dev-used', standing: 'known' }])
  })

  it('have room when others fill the pool, and at most so many wait', async () => {
    const { pool, add } = devPool({ transactions: 3 })
    for (const from of [0, 1, 2]) expect(code(await add({ from, nonce: 0n, tip: 9n }))).toBe('ok')
    expect(code(await add({ from: 3, nonce: 0n, tip: 1n }))).toBe('pool-full')
    const { transaction } = devTransaction({})
    if (!isDevTransaction(transaction)) throw new Error('no dev transaction')
    const raws = Array.from({ length: MAX_DEV_WAITING }, (_, index) =>
      encodeTransaction({ ...transaction, r: 1n, salt: bigintToBytes(BigInt(index), DEV_SALT_BYTES) }),
    ).map(({ raw }) => raw)
    expect(new Set((await Promise.all(raws.map((raw) => pool.add(raw, 'local')))).map(code))).toEqual(new Set(['ok']))
    expect(message(await pool.add(devTransaction({}).raw, 'local'))).toBe(
      `txpool holds ${MAX_DEV_WAITING} dev transactions: wait for a block`,
    )
    expect(pool.waitingDev()).toBe(MAX_DEV_WAITING)
  })

  it('fill a block in their order, up to one that must open the next', async () => {
    const { pool } = devPool()
    const control: DevOperation = { kind: 'automine', on: false }
    const [first, snapshot] = [operate(control), operate({ kind: 'snapshot' })]
    const large = devTransaction({ to: DEV_ADDRESS, data: encodeOperations([control]), gasLimit: GAS_LIMIT })
    for (const { raw } of [first, snapshot, large]) expect(code(await pool.add(raw, 'local'))).toBe('ok')
    const hashes = () => pool.selectDev(GAS_LIMIT).map(({ hash }) => hash)
    expect(hashes()).toEqual([first.hash])
    pool.drop([{ hash: first.hash, message: 'gone' }])
    expect(hashes()).toEqual([snapshot.hash])
    pool.drop([{ hash: snapshot.hash, message: 'gone' }])
    expect(hashes()).toEqual([large.hash])
    expect(pool.selectDev(GAS_LIMIT - 1n)).toEqual([])
  })
})

describe('what a peer sends when a dev transaction is in a block', () => {
  const sent = transfer({ from: 1, nonce: 0n })
  const another = transfer({ from: 2, nonce: 0n })
  const [before, control] = [operate({ kind: 'automine', on: false }), operate({ kind: 'snapshot' })]
  const [later, elsewhere] = [operate({ kind: 'snapshot' }), operate({ kind: 'snapshot' })]
  const paid = { sender: addressOf(1), gasUsed: 21_000n, effectiveGasPrice: 1n }
  const receipts = [{ ...paid, receipt: { type: 2, status: 1, logs: [] } }] as unknown as readonly ReceiptRecord[]
  const include = async ({ commit }: Pick<ReturnType<typeof devPool>, 'commit'>) =>
    commit([{ ...sent, sender: addressOf(1) }], receipts)
  /** The nonces of the fake chain stay where they are, as after going back. */
  const wentBack = async (store?: KeyValueStore) => {
    const made = devPool({}, store)
    await made.commit([before])
    await include(made)
    await made.commit([control])
    for (const { hash } of [before, control]) made.chain.use(hash)
    return made
  }
  const from = async (
    { pool }: Pick<ReturnType<typeof devPool>, 'pool'>,
    raws: Uint8Array[],
    seen: Uint8Array | null,
  ) => {
    const outcomes = await pool.addFrom(PEER, raws, { seen })
    pool.drop([...pool.transactions()].map(({ hash }) => ({ hash, message: 'gone' })))
    return outcomes.map(code)
  }

  it('is not taken where a block has it that the sender had not seen', async () => {
    const made = await wentBack()
    const { pool } = made
    expect([pool.devMark(), pool.devSeen()]).toEqual([control.raw, control.hash])
    expect(await from(made, [sent.raw], null)).toEqual(['already-known'])
    expect(await from(made, [another.raw, sent.raw], null)).toEqual(['ok', 'already-known'])
    expect(await from(made, [sent.raw, before.raw], before.hash)).toEqual(['already-known', 'dev-used'])
    expect(await from(made, [sent.raw, control.raw], control.hash)).toEqual(['ok', 'dev-used'])
    expect(await pool.addFrom(PEER, [sent.raw], { seen: null })).toMatchObject([
      { ok: false, standing: 'known', message: 'already known: in block 2' },
    ])
    // Nobody says when it was sent.
    expect((await pool.addFrom(PEER, [sent.raw])).map(code)).toEqual(['ok'])
  })

  it('is taken where the sender had seen more than this node, or not the last control but the block before it', async () => {
    const made = await wentBack()
    // The sender's block of this control comes here a moment later.
    expect(await from(made, [sent.raw, elsewhere.raw], elsewhere.hash)).toEqual(['ok', 'ok'])
    await made.commit([later])
    expect(made.pool.devMark()).toEqual(later.raw)
    expect(await from(made, [sent.raw], control.hash)).toEqual(['ok'])
    expect(await from(made, [sent.raw], before.hash)).toEqual(['already-known'])
  })

  it('is known to be of before after a restart, too, and where the node has lost its store', async () => {
    const store = createMemoryStore()
    const { pool, chain } = await wentBack(store)
    await pool.close()
    const again = devPool({}, store)
    const lost = devPool()
    for (const made of [again, lost]) Object.assign(made.chain, { blockOfTransaction: chain.blockOfTransaction })
    expect(again.pool.devMark()).toEqual(control.raw)
    expect(await from(again, [sent.raw], null)).toEqual(['already-known'])
    expect(await from(lost, [sent.raw], before.hash)).toEqual(['already-known'])
  })

  it('is known to be of before where the node was killed before it had written the mark of the newest block', async () => {
    const { chain, recoverer, clock } = await wentBack()
    const store = createMemoryStore()
    const killed = openTxPool({ chain, recoverer, clock, logger: listLogger([]), store })
    await killed.ready
    expect(killed.devMark()).toEqual(control.raw)
    expect(await from({ pool: killed }, [sent.raw, before.raw], before.hash)).toEqual(['already-known', 'dev-used'])
    await killed.close()
    expect(devPool({}, store).pool.devMark()).toEqual(control.raw)
  })

  it('is not taken where the chain has gone back while its signature was recovered', async () => {
    const made = devPool()
    const { pool, chain, commit } = made
    await commit([before])
    const { batches, release } = heldRecoverer(made.recoverer)
    const adding = pool.addFrom(PEER, [sent.raw, another.raw, before.raw], { seen: before.hash })
    await vi.waitFor(() => expect(batches).toHaveLength(1))
    await include(made)
    await commit([control])
    for (const { hash } of [before, control]) chain.use(hash)
    release()
    expect((await adding).map(code)).toEqual(['already-known', 'ok', 'dev-used'])
  })

  it('is taken from a user, and from a peer who sends it anew, while the same of before is judged', async () => {
    const { pool, chain } = await wentBack()
    const answers: (() => void)[] = []
    const { blockOfTransaction } = chain
    Object.assign(chain, {
      async blockOfTransaction(hash: Uint8Array) {
        await new Promise<void>((resolve) => answers.push(resolve))
        return blockOfTransaction(hash)
      },
    })
    const old = pool.addFrom(PEER, [sent.raw], { seen: null })
    const twice = [pool.add(sent.raw, 'local'), pool.addFrom(PEER, [sent.raw], { seen: control.hash })] as const
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    answers[0]!()
    expect((await old).map(code)).toEqual(['already-known'])
    expect([code(await twice[0]), ...(await twice[1]).map(code)]).toEqual(['ok', 'already-known'])
    expect(pool.has(sent.hash)).toBe(true)
  })

  it('is asked for of the chain by nothing that may be new, and left alone while the chain cannot say', async () => {
    let asked = 0
    const busy = {
      blockOfTransaction: async () => {
        asked++
        throw new ChainError('busy', 'too busy')
      },
    }
    const { pool, chain } = await wentBack()
    Object.assign(chain, busy)
    expect((await pool.addFrom(PEER, [another.raw], { seen: control.hash })).map(code)).toEqual(['ok'])
    expect(asked).toBe(0)
    expect(await pool.addFrom(PEER, [sent.raw], { seen: null })).toMatchObject([{ ok: false, standing: 'unfit' }])
    expect(asked).toBe(1)
    for (const fresh of [devPool(), devPool(null)]) {
      Object.assign(fresh.chain, busy)
      expect(await from(fresh, [sent.raw], null)).toEqual(['ok'])
    }
    expect(asked).toBe(1)
  })
})

describe('what waits when a dev transaction is in a block', () => {
  it('is dropped where the log of a control names it, and only there', async () => {
    const { pool, add, commit, nonces } = devPool()
    for (const nonce of [0n, 1n, 2n]) expect(code(await add({ from: 1, nonce }))).toBe('ok')
    const [, second, third] = [...pool.transactions()]
    const control = operate({ kind: 'drop', hash: second!.hash })
    const log = (address: Uint8Array, topic: Uint8Array, data: Uint8Array) => ({ address, topics: [topic], data })
    const logs = [
      log(DEV_ADDRESS, DROPPED_TOPIC, second!.hash),
      log(DEV_ADDRESS, DROPPED_TOPIC, control.hash),
      log(addressOf(1), DROPPED_TOPIC, third!.hash),
      log(DEV_ADDRESS, SNAPSHOT_TOPIC, third!.hash),
    ]
    const receipts = [
      { receipt: { type: 0x7d, status: 1, logs } },
      { receipt: { type: 2, status: 1, logs: [log(DEV_ADDRESS, DROPPED_TOPIC, third!.hash)] } },
    ] as unknown as readonly ReceiptRecord[]
    await commit([control], receipts)
    expect([nonces('pending', 1), nonces('queued', 1)]).toEqual([[0], [2]])
    expect(pool.get(second!.hash)).toBe(undefined)
  })

  it('is judged anew, without its signature and its place among others', async () => {
    const { pool, add, commit, chain, nonces, recoverer } = devPool()
    for (const [from, nonce] of [
      [1, 0n],
      [0, 0n],
      [0, 1n],
      [2, 0n],
      [3, 4n],
    ] as const)
      expect(code(await add({ from, nonce }))).toBe('ok')
    const arrived = [...pool.transactions()].map(({ hash }) => pool.arrivedAt(hash))
    // 0 has used a nonce, 2 cannot pay any more, 3 lacks one nonce only.
    chain.setAccount(0, { nonce: 1n })
    chain.setAccount(2, { balance: 0n })
    chain.setAccount(3, { nonce: 3n })
    const recovered = recoverer.calls.length
    await commit([operate({ kind: 'automine', on: true })])
    expect(recoverer.calls).toHaveLength(recovered)
    expect(nonces('pending', 0)).toEqual([1])
    expect(nonces('pending', 1)).toEqual([0])
    expect([nonces('pending', 2), nonces('queued', 2)]).toEqual([[], [0]])
    expect(nonces('queued', 3)).toEqual([4])
    expect([...pool.transactions()].map(({ hash }) => pool.arrivedAt(hash))).toEqual(arrived.slice(1))
    chain.setAccount(2, { balance: RICH })
    chain.setAccount(3, { nonce: 4n })
    await commit([operate({ kind: 'automine', on: false })])
    expect([nonces('pending', 2), nonces('pending', 3)]).toEqual([[0], [4]])
    expect(pool.counts()).toEqual({ pending: 4, queued: 0 })
  })

  it('is there again for callers who wait until it is judged', async () => {
    const { pool, add, chain } = devPool()
    for (const from of [0, 1]) expect(code(await add({ from, nonce: 0n }))).toBe('ok')
    await pool.settled()
    const { block, certificate } = chain.next([operate({ kind: 'automine', on: false })])
    chain.take(block, certificate, [])
    expect(pool.counts()).toEqual({ pending: 0, queued: 0 })
    await Promise.all([pool.settled(), pool.settled()])
    expect(pool.counts()).toEqual({ pending: 2, queued: 0 })
  })

  it('has its share of the room and no more, however often that happens', async () => {
    const { pool, add, commit, nonces } = devPool({ queued: 4 })
    for (const [from, nonce] of [
      [0, 1n],
      [0, 2n],
      [0, 3n],
      [1, 1n],
    ] as const)
      expect(code(await add({ from, nonce }))).toBe('ok')
    for (let times = 0; times < 3; times++) await commit([operate({ kind: 'automine', on: true })])
    expect(pool.counts()).toEqual({ pending: 0, queued: 4 })
    // Whoever has the most gives way, one at a time.
    expect(code(await add({ from: 1, nonce: 2n }))).toBe('ok')
    expect([nonces('queued', 0), nonces('queued', 1)]).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(code(await add({ from: 1, nonce: 3n }))).toBe('pool-full')
    expect(code(await add({ from: 2, nonce: 1n }))).toBe('ok')
    expect(pool.counts()).toEqual({ pending: 0, queued: 4 })
  })
})
