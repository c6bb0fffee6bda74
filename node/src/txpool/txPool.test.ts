import { describe, expect, it } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { addressOfPrivateKey } from '../crypto/secp256k1.ts'
import { manualClock } from '../network/manualClock.ts'
import { listLogger } from '../network/testNetworks.ts'
import { createInProcessRecoverer } from '../runtime/signatureRecovery.ts'
import type { TransactionEnvelope } from '../types/transaction.ts'
import { encodeTransaction, signTransaction } from '../types/transactionCodec.ts'
import { isHopeless } from './checks.ts'
import { addressOf, BASE_FEE, GAS_LIMIT, type TransferFields, transfer } from './fakeChain.ts'
import { DEFAULT_TXPOOL_LIMITS, PROBED, PROBED_HOPELESS, SHORT_SENDERS_READ } from './limits.ts'
import type { PeerSource } from './senderRecovery.ts'
import { COST, code, message, RICH, testPool } from './testPool.ts'
import { openTxPool, type TxPool } from './txPool.ts'
import type { AddOutcome } from './txpoolView.ts'

const EMPTY_CODE_HASH = keccak256(new Uint8Array(0))

/** Holds batches back until they are released, one by one. */
function heldRecoverer(recoverer: ReturnType<typeof testPool>['recoverer']) {
  const batches: number[][] = []
  const waiting: (() => void)[] = []
  const recover = recoverer.recover.bind(recoverer)
  recoverer.recover = async (transactions) => {
    batches.push(transactions.map(({ transaction }) => Number(transaction.r) - 1))
    await new Promise<void>((resolve) => waiting.push(resolve))
    return recover(transactions)
  }
  return { batches, release: () => waiting.shift()?.() }
}

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

describe('admission', () => {
  it('takes a transaction, once, whoever brings it', async () => {
    const { pool, add, recoverer, pending } = testPool()
    const tx = transfer({ from: 0, nonce: 0n })
    expect(await pool.add(tx.raw, 'local')).toEqual({ ok: true, hash: tx.hash })
    expect(message(await pool.add(tx.raw, 'peer'))).toBe('already known')
    expect(pool.get(tx.hash)).toMatchObject({ hash: tx.hash, sender: addressOf(0) })
    expect(pool.has(tx.hash)).toBe(true)
    expect(recoverer.calls).toEqual([1])
    expect(pending.map(({ hash }) => hash)).toEqual([tx.hash])
    const both = await Promise.all([add({ from: 1, nonce: 0n }), add({ from: 1, nonce: 0n })])
    expect(both.map(code).toSorted()).toEqual(['already-known', 'ok'])
  })

  it('keeps no view of the bytes it was given', async () => {
    const { pool } = testPool()
    const bundle = Uint8Array.from([...transfer({ from: 0, nonce: 0n }).raw, ...new Uint8Array(1_000)])
    const { hash, raw } = transfer({ from: 0, nonce: 0n })
    await pool.add(bundle.subarray(0, raw.length), 'peer')
    bundle.fill(0)
    expect(pool.get(hash)!.raw).toEqual(raw)
    expect(pool.get(hash)!.raw.buffer.byteLength).toBe(raw.length)
  })

  it('recovers the signatures of a bundle together', async () => {
    const { pool, recoverer } = testPool()
    const raws = Array.from({ length: 300 }, (_, nonce) => transfer({ from: 0, nonce: BigInt(nonce) }).raw)
    expect((await pool.addMany(raws, 'peer')).every(({ ok }) => ok)).toBe(true)
    expect(recoverer.calls).toHaveLength(19)
    expect(recoverer.calls.slice(0, 2)).toEqual([16, 16])
  })

  it('recovers what users send before what peers send', async () => {
    const { pool, recoverer, clock } = testPool()
    const { batches, release } = heldRecoverer(recoverer)
    const flood = Array.from({ length: 200 }, (_, nonce) => transfer({ from: 0, nonce: BigInt(nonce) }).raw)
    void pool.addMany(flood, 'peer')
    await clock.advance(0)
    void pool.add(transfer({ from: 1, nonce: 0n }).raw, 'local')
    await clock.advance(0)
    const before = batches.length
    release()
    await clock.advance(0)
    expect(batches[before]?.[0]).toBe(1)
  })

  it('asks for a sender once', async () => {
    const { pool, chain } = testPool()
    const raws = Array.from({ length: 50 }, (_, nonce) => transfer({ from: 3, nonce: BigInt(nonce) }).raw)
    await pool.addMany(raws, 'peer')
    expect(chain.asked).toEqual([keyOf(addressOf(3))])
  })

  it('refuses in the words that clients look for', async () => {
    const { pool, add, chain } = testPool()
    chain.setAccount(1, { nonce: 7n })
    chain.setAccount(2, { balance: COST - 1n })
    chain.setAccount(3, { codeHash: new Uint8Array(32) })
    expect(message(await add({ from: 1, nonce: 5n }))).toBe('nonce too low: next nonce 7, tx nonce 5')
    expect(message(await add({ from: 1, nonce: 5_000n }))).toBe('nonce too high: next nonce 7, tx nonce 5000')
    expect(message(await add({ from: 2, nonce: 0n }))).toBe(
      `insufficient funds for gas * price + value: have ${COST - 1n}, want ${COST}`,
    )
    expect(message(await add({ from: 0, nonce: 0n, gasLimit: 20_999n }))).toMatch(/^intrinsic gas too low/)
    expect(message(await add({ from: 0, nonce: 0n, gasLimit: GAS_LIMIT + 1n }))).toMatch(/^intrinsic gas too high/)
    expect(message(await add({ from: 0, nonce: 0n, cap: BASE_FEE - 1n }))).toMatch(
      /^max fee per gas less than block base fee/,
    )
    expect(message(await add({ from: 0, nonce: 0n, tip: 3n * BASE_FEE }))).toMatch(
      /^max priority fee per gas higher than max fee per gas/,
    )
    expect(message(await add({ from: 0, nonce: 0n, chainId: 1n }))).toMatch(/^invalid chain id for signer/)
    expect(message(await add({ from: 3, nonce: 0n }))).toMatch(/^sender not an eoa/)
    expect(code(await add({ from: 666, nonce: 0n }))).toBe('invalid-signature')
    expect(code(await pool.add(Uint8Array.of(2, 0xc0), 'local'))).toBe('malformed')
    expect(code(await pool.add(new Uint8Array(0), 'local'))).toBe('malformed')
    expect(message(await pool.add(Uint8Array.of(3, 0xc0), 'local'))).toMatch(
      /^transaction type not supported: .*EIP-4844/,
    )
    expect(code(await pool.add(new Uint8Array(400_000).fill(0xc0), 'local'))).toBe('too-large')
    expect(code(await add({ from: 0, nonce: 0n, to: null, data: new Uint8Array(262_145), gasLimit: GAS_LIMIT }))).toBe(
      'init-code-too-large',
    )
    expect(pool.counts()).toEqual({ pending: 0, queued: 0 })
  })

  it('refuses a legacy transaction without replay protection', async () => {
    const { pool } = testPool()
    const fields = {
      type: 0,
      chainId: null,
      nonce: 0n,
      gasPrice: 5_000n,
      gasLimit: 21_000n,
      to: addressOf(1),
      value: 0n,
    } as const
    const { raw } = signTransaction({ ...fields, data: new Uint8Array(0) }, new Uint8Array(32).fill(1))
    expect(message(await pool.add(raw, 'local'))).toMatch('only replay-protected (EIP-155)')
  })

  it('counts what the whole queue can cost', async () => {
    const { chain, add, nonces } = testPool()
    chain.setAccount(0, { balance: 3n * COST })
    expect(code(await add({ from: 0, nonce: 0n }))).toBe('ok')
    expect(code(await add({ from: 0, nonce: 5n }))).toBe('ok')
    expect(code(await add({ from: 0, nonce: 1n }))).toBe('ok')
    const refused = await add({ from: 0, nonce: 2n })
    expect(message(refused)).toBe(
      `insufficient funds for gas * price + value: have ${3n * COST}, want ${4n * COST} ` +
        `(${COST} for this transaction, ${3n * COST} for others that wait)`,
    )
    // A replacement pays for the place it takes.
    expect(code(await add({ from: 0, nonce: 5n, cap: 3n * BASE_FEE, tip: 2n, gasLimit: 21_000n }))).toBe(
      'insufficient-funds',
    )
    expect(nonces('pending', 0)).toEqual([0, 1])
  })

  it('reads the account anew when funds may have come', async () => {
    const { chain, add, commit } = testPool()
    chain.setAccount(20, { balance: COST })
    expect(code(await add({ from: 20, nonce: 0n }))).toBe('ok')
    expect(code(await add({ from: 20, nonce: 1n }))).toBe('insufficient-funds')
    chain.setAccount(20, { balance: 2n * COST })
    await commit([{ from: 0, nonce: 0n }])
    expect(code(await add({ from: 20, nonce: 1n }))).toBe('ok')
  })

  it('does not trust an answer that a block overtook', async () => {
    const { chain, add, clock, nonces } = testPool()
    chain.hold(true)
    const adding = [add({ from: 0, nonce: 0n }), add({ from: 0, nonce: 1n })]
    await clock.advance(0)
    // The block brings nonce 0 of the same sender; the answer on its way is from before.
    chain.commit([{ ...transfer({ from: 0, nonce: 0n, tip: 2n }), sender: addressOf(0) }])
    chain.hold(false)
    expect((await Promise.all(adding)).map(code)).toEqual(['nonce-too-low', 'ok'])
    expect(nonces('pending', 0)).toEqual([1])
  })
})

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
    const outcomes = await pool.addFrom(PEER, mostlyJunk, true)
    expect(outcomes).toHaveLength(mostlyJunk.length)
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(PROBED - PROBED_HOPELESS)
    expect(outcomes.slice(PROBED - PROBED_HOPELESS).every(isHopeless)).toBe(true)
    expect(recovered()).toBe(PROBED)
    await pool.addFrom(PEER, [...good, ...junk(80)], true)
    expect(recovered()).toBe(PROBED + 12 + 80)
    await pool.addFrom({ peer: 'b', named: false }, junk(200))
    expect(recovered()).toBe(PROBED + 12 + 80 + 200)
  })

  it('is not recovered when its fee is hopeless', async () => {
    const { pool, recoverer } = testPool()
    await pool.addFrom(PEER, [transfer({ from: 50, nonce: 0n, cap: 1n, tip: 0n }).raw])
    expect(recoverer.calls).toEqual([])
    // What users send is looked at in full, so that they hear what is wrong.
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

describe('nonces', () => {
  it('may have gaps, which close', async () => {
    const { add, nonces, pool, pending } = testPool()
    await add({ from: 0, nonce: 2n })
    await add({ from: 0, nonce: 1n })
    expect(pool.counts()).toEqual({ pending: 0, queued: 2 })
    expect(pool.pendingNonce(addressOf(0))).toBeUndefined()
    expect(pending).toEqual([])
    await add({ from: 0, nonce: 0n })
    expect(nonces('pending', 0)).toEqual([0, 1, 2])
    expect(pool.counts()).toEqual({ pending: 3, queued: 0 })
    expect(pool.pendingNonce(addressOf(0))).toBe(3n)
    expect(pending.map(({ transaction }) => transaction.nonce)).toEqual([0n, 1n, 2n])
  })

  it('are replaced by paying a tenth more, on both caps', async () => {
    const { add, pool, pending, log } = testPool()
    await add({ from: 0, nonce: 0n, cap: 2_000n, tip: 100n })
    const replace = (cap: bigint, tip: bigint) => add({ from: 0, nonce: 0n, cap, tip, value: cap })
    expect(message(await replace(2_199n, 110n))).toMatch(/^replacement transaction underpriced/)
    expect(code(await replace(2_200n, 109n))).toBe('replacement-underpriced')
    expect(code(await replace(2_200n, 110n))).toBe('ok')
    expect(pool.counts()).toEqual({ pending: 1, queued: 0 })
    expect(pool.has(transfer({ from: 0, nonce: 0n, cap: 2_000n, tip: 100n }).hash)).toBe(false)
    expect(pending).toHaveLength(2)
    expect(log.some(({ level, fields }) => level === 'info' && JSON.stringify(fields).includes('replaced by'))).toBe(
      true,
    )
  })

  it('of a tip of zero are not replaced for nothing', async () => {
    const { add } = testPool()
    await add({ from: 0, nonce: 0n, cap: 2_000n, tip: 0n })
    expect(code(await add({ from: 0, nonce: 0n, cap: 3_000n, tip: 0n }))).toBe('replacement-underpriced')
    expect(code(await add({ from: 0, nonce: 0n, cap: 3_000n, tip: 1n }))).toBe('ok')
  })
})

describe('a new block', () => {
  it('takes out what it includes, and what it makes impossible', async () => {
    const { add, nonces, pool, commit, log } = testPool()
    for (const nonce of [0n, 1n, 2n]) await add({ from: 0, nonce })
    // Nonce 1 was used by a transaction this pool never saw.
    await commit([
      { from: 0, nonce: 0n },
      { from: 0, nonce: 1n, value: 5n },
    ])
    expect(nonces('pending', 0)).toEqual([2])
    expect(pool.counts()).toEqual({ pending: 1, queued: 0 })
    const left = log.filter(({ message }) => message.includes('left the pool'))
    expect(left.map(({ fields }) => (fields as { nonce: string }).nonce)).toEqual(['1'])
  })

  it('leaves nothing to select twice, even before the new balance is known', async () => {
    const { add, chain, pool, clock } = testPool()
    await add({ from: 0, nonce: 0n })
    await add({ from: 0, nonce: 1n })
    chain.hold(true)
    chain.commit([{ ...transfer({ from: 0, nonce: 0n }), sender: addressOf(0) }])
    expect(pool.select(GAS_LIMIT, BASE_FEE).map(({ transaction }) => transaction.nonce)).toEqual([1n])
    chain.hold(false)
    await clock.advance(0)
    expect(pool.select(GAS_LIMIT, BASE_FEE).map(({ transaction }) => transaction.nonce)).toEqual([1n])
  })

  it('closes a gap from outside', async () => {
    const { add, nonces, commit, pending } = testPool()
    await add({ from: 0, nonce: 1n })
    expect(nonces('queued', 0)).toEqual([1])
    await commit([{ from: 0, nonce: 0n }])
    expect(nonces('pending', 0)).toEqual([1])
    expect(pending).toHaveLength(1)
  })

  it('makes unfunded ones wait, and lets them run when funds come', async () => {
    const { add, chain, nonces, commit, pending, pool } = testPool()
    chain.setAccount(0, { balance: 3n * COST })
    for (const nonce of [0n, 1n, 2n]) await add({ from: 0, nonce })
    // The included one spends what two others would need.
    await commit([{ from: 0, nonce: 0n, value: COST }])
    expect([nonces('pending', 0), nonces('queued', 0)]).toEqual([[1], [2]])
    expect(pool.counts()).toEqual({ pending: 1, queued: 1 })
    chain.setAccount(0, { balance: 2n * COST })
    await commit([{ from: 1, nonce: 0n }])
    expect(nonces('pending', 0)).toEqual([1, 2])
    // Nonce 2 was told of before it had to wait.
    expect(pending).toHaveLength(3)
  })

  it('does not count on funds that a block took, before the account is read anew', async () => {
    const { add, chain, pool, commit, nonces, clock } = testPool()
    for (const nonce of [0n, 1n, 2n]) await add({ from: 0, nonce, value: RICH / 4n })
    await add({ from: 1, nonce: 0n })
    // Somebody sends funds in the same block, which shows when the account is read.
    chain.setAccount(0, { balance: 2n * RICH })
    chain.hold(true)
    await commit([{ from: 0, nonce: 0n, value: RICH / 2n }])
    expect([nonces('pending', 0), nonces('queued', 0)]).toEqual([[1], [2]])
    expect(pool.select(GAS_LIMIT, BASE_FEE)).toHaveLength(2)
    chain.hold(false)
    await clock.advance(0)
    expect(nonces('pending', 0)).toEqual([1, 2])
  })

  it('reads the accounts of those short of funds in turn, however many they are', async () => {
    const { add, chain, commit, pool } = testPool()
    const senders = Array.from({ length: 600 }, (_, index) => 700 + index)
    for (const from of senders) {
      chain.setAccount(from, { balance: 2n * COST })
      await add({ from, nonce: 0n })
      await add({ from, nonce: 1n })
    }
    // Others of theirs, which this pool never saw, spend what the second ones need.
    await commit(senders.map((from) => ({ from, nonce: 0n, value: COST })))
    expect(pool.counts()).toEqual({ pending: 0, queued: 600 })
    for (const from of senders) chain.setAccount(from, { balance: COST })
    const before = chain.asked.length
    for (let blocks = 1; blocks <= 3; blocks++) {
      await commit([])
      expect(chain.asked.length - before).toBeLessThanOrEqual(blocks * SHORT_SENDERS_READ)
    }
    expect(pool.counts()).toEqual({ pending: 600, queued: 0 })
  })

  it('forgets accounts that have nothing in the pool', async () => {
    const { add, chain, commit } = testPool()
    await add({ from: 0, nonce: 0n })
    await commit([{ from: 0, nonce: 0n }])
    await commit([])
    const before = chain.asked.length
    await add({ from: 0, nonce: 1n })
    expect(chain.asked.length).toBe(before + 1)
  })
})

describe('selection', () => {
  it('is by tip, each sender by nonce, the older first', async () => {
    const { add, pool } = testPool()
    await add({ from: 0, nonce: 0n, tip: 5n })
    await add({ from: 0, nonce: 1n, tip: 900n })
    await add({ from: 1, nonce: 0n, tip: 50n })
    await add({ from: 2, nonce: 0n, tip: 50n })
    await add({ from: 3, nonce: 1n, tip: 999n })
    const order = pool.select(GAS_LIMIT, BASE_FEE).map((tx) => `${tx.sender.at(-1)}/${tx.transaction.nonce}`)
    expect(order).toEqual(['1/0', '2/0', '0/0', '0/1'])
  })

  it('counts the tip that the base fee leaves', async () => {
    const { add, pool } = testPool()
    await add({ from: 0, nonce: 0n, cap: 1_010n, tip: 1_000n })
    await add({ from: 1, nonce: 0n, cap: 5_000n, tip: 20n })
    expect(pool.select(GAS_LIMIT, BASE_FEE).map(({ sender }) => sender.at(-1))).toEqual([1, 0])
    expect(pool.select(GAS_LIMIT, 900n).map(({ sender }) => sender.at(-1))).toEqual([0, 1])
    // At this base fee the first cannot run, at the last nobody can.
    expect(pool.select(GAS_LIMIT, 1_011n).map(({ sender }) => sender.at(-1))).toEqual([1])
    expect(pool.select(GAS_LIMIT, 5_001n)).toEqual([])
  })

  it('passes over what does not fit any more, whatever those before it use, and goes on with what does', async () => {
    const { add, pool } = testPool()
    await add({ from: 0, nonce: 0n, tip: 9n, gasLimit: 60_000n })
    await add({ from: 0, nonce: 1n, tip: 9n })
    await add({ from: 1, nonce: 0n, tip: 5n, gasLimit: 50_000n })
    await add({ from: 2, nonce: 0n, tip: 4n })
    const select = (gas: bigint) =>
      pool.select(gas, BASE_FEE).map((tx) => `${tx.sender.at(-1)}/${tx.transaction.nonce}`)
    expect(select(60_000n)).toEqual(['0/0', '0/1'])
    expect(select(59_999n)).toEqual(['1/0', '2/0'])
    expect(select(92_000n)).toEqual(['0/0', '0/1', '1/0', '2/0'])
    expect(select(20_999n)).toEqual([])
  })
})

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
    // What can run takes it for the asking.
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

describe('what building a block rejects', () => {
  it('is dropped, and what follows it waits', async () => {
    const { add, pool, nonces } = testPool()
    for (const nonce of [0n, 1n, 2n]) await add({ from: 0, nonce })
    pool.drop([
      { hash: transfer({ from: 0, nonce: 1n }).hash, message: 'funds gone' },
      { hash: new Uint8Array(32), message: 'unknown' },
    ])
    expect([nonces('pending', 0), nonces('queued', 0)]).toEqual([[0], [2]])
    expect(pool.counts()).toEqual({ pending: 1, queued: 1 })
  })
})

it('takes real signatures of every type', async () => {
  const { chain, clock } = testPool()
  const logger = listLogger([])
  const pool = openTxPool({ chain, recoverer: createInProcessRecoverer(), clock, logger })
  const key = new Uint8Array(32).fill(9)
  const shared = { gasLimit: 30_000n, to: addressOf(1), value: 1n, data: new Uint8Array(0) }
  const signed: TransactionEnvelope[] = [
    signTransaction({ type: 0, chainId: 31337n, nonce: 0n, gasPrice: 2_000n, ...shared }, key),
    signTransaction({ type: 1, chainId: 31337n, nonce: 1n, gasPrice: 2_000n, accessList: [], ...shared }, key),
    signTransaction(
      {
        type: 2,
        chainId: 31337n,
        nonce: 2n,
        maxFeePerGas: 2_000n,
        maxPriorityFeePerGas: 5n,
        accessList: [],
        ...shared,
      },
      key,
    ),
  ]
  const sender = addressOfPrivateKey(key)
  const index = 0
  chain.setAccount(index, { balance: RICH })
  const account = chain.account.bind(chain)
  chain.account = (address, at) => account(keyOf(address) === keyOf(sender) ? addressOf(index) : address, at)
  expect(
    (
      await pool.addMany(
        signed.map(({ raw }) => raw),
        'local',
      )
    ).map(code),
  ).toEqual(['ok', 'ok', 'ok'])
  expect(pool.select(GAS_LIMIT, BASE_FEE).map(({ transaction }) => transaction.type)).toEqual([0, 1, 2])
  expect(pool.get(signed[0]!.hash)!.sender).toEqual(sender)
  expect(encodeTransaction(signed[2]!.transaction).raw).toEqual(signed[2]!.raw)
})
