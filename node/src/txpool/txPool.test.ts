import { describe, expect, it } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { addressOfPrivateKey } from '../crypto/secp256k1.ts'
import { settingsOf } from '../execution/dev/devStorage.ts'
import { createInProcessRecoverer } from '../runtime/recovery/signatureRecovery.ts'
import type { TransactionEnvelope } from '../types/transaction.ts'
import { encodeTransaction, signTransaction } from '../types/transactionCodec.ts'
import { ACCOUNTS_PER_QUERY, SHORT_SENDERS_READ } from './limits.ts'
import { addressOf, BASE_FEE, GAS_LIMIT, transfer } from './testing/fakeChain.ts'
import { COST, code, heldRecoverer, message, RICH, testPool } from './testing/testPool.ts'
import { openTxPool } from './txPool.ts'

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

  it('asks for the senders that a block leaves waiting together', async () => {
    const { pool, chain, commit } = testPool()
    const senders = Array.from({ length: 2 * ACCOUNTS_PER_QUERY + 1 }, (_, index) => 700 + index)
    for (const from of senders) chain.setAccount(from, { balance: RICH })
    const first = senders.map((from) => ({ from, nonce: 0n }))
    const second = senders.map((from) => ({ from, nonce: 1n }))
    const raws = [...first, ...second].map((one) => transfer(one).raw)
    await pool.addMany(raws, 'peer')
    expect(pool.counts()).toEqual({ pending: 2 * senders.length, queued: 0 })
    const before = chain.queries.length
    await commit(first)
    expect(chain.queries.slice(before)).toEqual([ACCOUNTS_PER_QUERY, ACCOUNTS_PER_QUERY, 1])
  })

  it('does not ask again for who sends the next one after a block', async () => {
    const { add, chain, commit, pool } = testPool()
    chain.setAccount(0, { balance: 3n * COST - 1n })
    for (const nonce of [0n, 1n]) {
      expect(code(await add({ from: 0, nonce }))).toBe('ok')
      await commit([{ from: 0, nonce }])
    }
    expect(chain.asked).toEqual([keyOf(addressOf(0))])
    // Too little for a third one, unless somebody has sent something since.
    chain.setAccount(0, { balance: COST })
    expect(code(await add({ from: 0, nonce: 2n }))).toBe('ok')
    expect(pool.counts()).toEqual({ pending: 1, queued: 0 })
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
    const { hash } = transfer({ from: 0, nonce: 0n, cap: 2_200n, tip: 110n, value: 2_200n })
    const words = `replaced by ${toHex(hash)}"`
    const replaced = log.filter(({ level, fields }) => level === 'info' && JSON.stringify(fields).includes(words))
    expect(replaced).toHaveLength(1)
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

it('asks of a fee what is said to be the next block’s, as it is said then', async () => {
  const { chain, recoverer, clock } = testPool()
  const settings = (fee: bigint, block: bigint) => ({ ...settingsOf([]), nextBaseFee: { value: fee, block } })
  const { number } = chain.head().header
  const devSettings = settings(0n, number + 1n)
  const pool = openTxPool({ chain, recoverer, clock, logger: listLogger([]), devSettings })
  const outcome = async (from: number, feeCap: bigint, origin: 'local' | 'peer') =>
    code(await pool.add(transfer({ from, nonce: 0n, cap: feeCap, tip: 0n }).raw, origin))
  expect(await outcome(0, 0n, 'local')).toBe('ok')
  expect(await outcome(1, 0n, 'peer')).toBe('ok')
  const { block, certificate } = chain.next([])
  const rules = { validators: [], dev: settings(100n * BASE_FEE, number + 2n) }
  chain.append({ block, receipts: [], rules }, certificate)
  expect(await outcome(2, 2n * BASE_FEE, 'local')).toBe('fee-below-base-fee')
  expect(await outcome(3, 2n * BASE_FEE, 'peer')).toBe('fee-below-base-fee')
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
