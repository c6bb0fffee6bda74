/** The pool and what peers send: whose turn it is, what is looked at, what each refusal says of who sent it. */
import { describe, expect, it } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { manualClock } from '../../testing/manualClock.ts'
import { EMPTY_CODE_HASH } from '../crypto/keccak.ts'
import { createInProcessRecoverer } from '../runtime/recovery/signatureRecovery.ts'
import { signTransaction } from '../types/transactionCodec.ts'
import { isHopeless } from './checks.ts'
import { PROBED, PROBED_HOPELESS } from './limits.ts'
import type { PeerSource } from './senderRecovery.ts'
import { addressOf, BASE_FEE, GAS_LIMIT, type TransferFields, transfer } from './testing/fakeChain.ts'
import { code, heldRecoverer, RICH, testPool } from './testing/testPool.ts'
import { openTxPool, type TxPool } from './txPool.ts'
import type { AddOutcome } from './txpoolView.ts'

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

describe('what a peer sends', () => {
  const PEER = { peer: 'a', named: false }
  const LOUD = { peer: 'loud', named: false }

  /** In bundles so small that they are not looked at in two parts. */
  async function addAll(pool: TxPool, source: PeerSource, raws: readonly Uint8Array[]) {
    const parts: Promise<readonly AddOutcome[]>[] = []
    for (let at = 0; at < raws.length; at += 25) parts.push(pool.addFrom(source, raws.slice(at, at + 25)))
    return (await Promise.all(parts)).flat()
  }

  it('is decoded as a whole before anything of it is taken', async () => {
    const { pool, recoverer } = testPool()
    const good = transfer({ from: 1, nonce: 0n }).raw
    const outcomes = await pool.addFrom(PEER, [good, transfer({ from: 1, nonce: 1n, chainId: 9n }).raw, good])
    expect(outcomes).toMatchObject([{ ok: false, code: 'wrong-chain-id', standing: 'fault' }])
    expect([pool.counts().pending, recoverer.calls]).toEqual([0, []])
  })

  it('is at fault for what is the same on every node at every block, and for nothing else', async () => {
    const { pool, chain } = testPool()
    chain.setAccount(7, { nonce: 3n })
    chain.setAccount(8, { codeHash: new Uint8Array(32) })
    await pool.addFrom(PEER, [transfer({ from: 9, nonce: 0n, tip: 2n }).raw])
    const standings: Record<string, readonly TransferFields[]> = {
      fault: [
        { from: 0, nonce: 0n, chainId: 1n },
        { from: 0, nonce: 0n, tip: 5_000n },
        { from: 0, nonce: 0n, gasLimit: GAS_LIMIT + 1n },
        { from: 0, nonce: 0n, gasLimit: 20_999n },
        { from: 0, nonce: 0n, to: null, data: new Uint8Array(262_145), gasLimit: GAS_LIMIT },
        { from: 666, nonce: 0n },
      ],
      // Nobody's money, whatever the fee; a fee that is far from any block; a contract's address.
      hopeless: [
        { from: 50, nonce: 0n },
        { from: 50, nonce: 0n, cap: BASE_FEE - 1n },
        { from: 0, nonce: 0n, cap: BASE_FEE / 512n, tip: 0n },
        { from: 8, nonce: 0n },
      ],
      // Outdated by some blocks, ahead, or in the way of another.
      unfit: [
        { from: 7, nonce: 2n },
        { from: 0, nonce: 5_000n },
        { from: 0, nonce: 0n, cap: BASE_FEE / 2n },
        { from: 9, nonce: 0n, tip: 1n },
      ],
      known: [{ from: 9, nonce: 0n, tip: 2n }],
    }
    for (const [standing, transactions] of Object.entries(standings)) {
      for (const fields of transactions) {
        expect(await pool.addFrom(PEER, [transfer(fields).raw]), JSON.stringify(fields, text)).toMatchObject([
          { ok: false, standing },
        ])
      }
    }
  })

  it('is looked at first at its beginning, where that is asked for', async () => {
    const { pool, recoverer } = testPool()
    const junk = (count: number) =>
      Array.from({ length: count }, (_, index) => transfer({ from: 50, nonce: 0n, value: BigInt(index) }).raw)
    const good = Array.from({ length: 20 }, (_, nonce) => transfer({ from: 0, nonce: BigInt(nonce) }).raw)
    const recovered = () => recoverer.calls.reduce((sum, count) => sum + count, 0)
    const mostlyJunk = [...good.slice(0, PROBED - PROBED_HOPELESS), ...junk(500)]
    const outcomes = await pool.addFrom(PEER, mostlyJunk, { probed: true })
    expect(outcomes).toHaveLength(mostlyJunk.length)
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(PROBED - PROBED_HOPELESS)
    expect(outcomes.slice(PROBED - PROBED_HOPELESS).every(isHopeless)).toBe(true)
    expect(recovered()).toBe(PROBED)
    await pool.addFrom(PEER, [...good, ...junk(80)], { probed: true })
    expect(recovered()).toBe(PROBED + 12 + 80)
    await pool.addFrom({ peer: 'b', named: false }, junk(200))
    expect(recovered()).toBe(PROBED + 12 + 80 + 200)
  })

  it('is not recovered when its fee is hopeless', async () => {
    const { pool, recoverer } = testPool()
    await pool.addFrom(PEER, [transfer({ from: 50, nonce: 0n, cap: 1n, tip: 0n }).raw])
    expect(recoverer.calls).toEqual([])
    // Transactions of users are looked at in full, so that they hear the fault.
    await pool.add(transfer({ from: 50, nonce: 0n, cap: 1n, tip: 0n }).raw, 'local')
    expect(recoverer.calls).toEqual([1])
  })

  it('keeps no view of the message it came in, of any type', async () => {
    const { pool, chain } = testPool()
    const key = new Uint8Array(32).fill(9)
    const real = openTxPool({
      chain,
      recoverer: createInProcessRecoverer(),
      clock: manualClock(),
      logger: listLogger([]),
    })
    const fields = { nonce: 0n, gasLimit: 90_000n, to: addressOf(1), value: 0n, data: Uint8Array.of(1, 2, 3) }
    const accessList = [{ address: addressOf(4), storageKeys: [new Uint8Array(32).fill(5)] }]
    const signed = signTransaction({ type: 1, chainId: 31337n, gasPrice: 2_000n, accessList, ...fields }, key)
    chain.account = async () => ({ nonce: 0n, balance: RICH, storageRoot: key, codeHash: EMPTY_CODE_HASH })
    const message = Uint8Array.from([7, ...signed.raw, 8])
    expect((await real.addFrom(PEER, [message.subarray(1, 1 + signed.raw.length)])).map(code)).toEqual(['ok'])
    message.fill(0)
    expect(real.get(signed.hash)).toMatchObject({ raw: signed.raw, transaction: signed.transaction })
    expect(pool.counts().pending).toBe(0)
  })

  it('does not wait behind a peer that sends much', async () => {
    const { pool, recoverer, clock } = testPool()
    const { batches, release } = heldRecoverer(recoverer)
    const flood = (from: number) =>
      Array.from({ length: 500 }, (_, nonce) => transfer({ from, nonce: BigInt(nonce) }).raw)
    void addAll(pool, LOUD, flood(0))
    void addAll(pool, { peer: 'louder', named: false }, flood(1))
    await clock.advance(0)
    void pool.addFrom({ peer: 'quiet', named: false }, [transfer({ from: 2, nonce: 0n }).raw])
    void pool.addFrom({ peer: 'chosen', named: true }, flood(3))
    await clock.advance(0)
    release()
    await clock.advance(0)
    const next = batches[4]!
    // Those named at start come first, but leave four of sixteen to the others, who take turns.
    expect(next.slice(0, 12)).toEqual(Array(12).fill(3))
    expect(next.slice(12)).toContain(2)
    expect(next.slice(12).toSorted()).toEqual([0, 0, 1, 2])
  })

  it('makes room for others when too much waits', async () => {
    const { pool, recoverer, clock } = testPool({ waiting: 100 })
    const { release } = heldRecoverer(recoverer)
    const flood = Array.from({ length: 300 }, (_, nonce) => transfer({ from: 0, nonce: BigInt(nonce) }).raw)
    void addAll(pool, LOUD, flood.slice(0, 100))
    await clock.advance(0)
    // 64 of them are being recovered: so many more may wait.
    const first = addAll(pool, LOUD, flood.slice(100))
    await clock.advance(0)
    const second = pool.addFrom({ peer: 'quiet', named: false }, [transfer({ from: 2, nonce: 0n }).raw])
    await clock.advance(0)
    for (let calls = 0; calls < 20; calls++) {
      release()
      await clock.advance(0)
    }
    expect((await second).map(code)).toEqual(['ok'])
    const outcomes = await first
    expect(outcomes.filter(({ ok }) => ok).length).toBe(63)
    expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ code: 'pool-full', standing: 'unchecked' })
  })

  it('is checked in the turn of whoever comes first, when several bring it', async () => {
    const { pool, recoverer, clock } = testPool()
    const { batches, release } = heldRecoverer(recoverer)
    const honest = transfer({ from: 2, nonce: 0n }).raw
    const flood = Array.from({ length: 500 }, (_, nonce) => transfer({ from: 0, nonce: BigInt(nonce) }).raw)
    void addAll(pool, LOUD, [...flood, honest])
    await clock.advance(0)
    const outcomes = pool.addFrom({ peer: 'quiet', named: false }, [honest])
    await clock.advance(0)
    release()
    await clock.advance(0)
    expect(batches[4]).toContain(2)
    for (let calls = 0; calls < 40; calls++) {
      release()
      await clock.advance(0)
    }
    expect((await outcomes).map(code)).toEqual(['already-known'])
    expect(batches.flat().filter((from) => from === 2)).toHaveLength(1)
  })
})
