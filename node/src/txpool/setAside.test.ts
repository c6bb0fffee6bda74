/** Transactions that the node could not execute: out of the pool, refused by it, kept on disk, and no peer's fault. */
import { expect, it } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { manualClock } from '../../testing/manualClock.ts'
import { keyOf } from '../codec/bytes.ts'
import { memoryNetworks } from '../network/testing/memoryNetwork.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { SignatureRecoverer } from '../runtime/recovery/signatureRecovery.ts'
import { encodeBundle } from './bundleCodec.ts'
import { EXCHANGE_INTERVAL } from './limits.ts'
import { addressOf, BASE_FEE, fakeChain, numberedRecoverer, transfer } from './testing/fakeChain.ts'
import { startTxGossip } from './txGossip.ts'
import { openTxPool } from './txPool.ts'

const REASON = 'RangeError: Maximum call stack size exceeded'

function heldPool(held: Set<string>, store = createMemoryStore(), onRecover: () => void = () => {}) {
  const chain = fakeChain()
  for (let index = 0; index < 5; index++) chain.setAccount(index, { balance: 10n ** 18n })
  const clock = manualClock()
  const setAside = (hash: Uint8Array) => (held.has(keyOf(hash)) ? REASON : null)
  const numbered = numberedRecoverer()
  const recoverer: SignatureRecoverer = {
    ...numbered,
    async recover(transactions) {
      onRecover()
      return numbered.recover(transactions)
    },
  }
  const pool = openTxPool({ chain, recoverer, clock, logger: listLogger([]), store, setAside })
  return { pool, clock, store }
}
const selected = (pool: ReturnType<typeof heldPool>['pool']) =>
  pool.select(30_000_000n, BASE_FEE).map(({ transaction, sender }) => [keyOf(sender), Number(transaction.nonce)])

it('what is set aside leaves the pool at once, with what waits for its nonce behind it; others are not touched', async () => {
  const held = new Set<string>()
  const { pool } = heldPool(held)
  const culprit = transfer({ from: 0, nonce: 0n })
  for (const tx of [culprit, transfer({ from: 0, nonce: 1n }), transfer({ from: 1, nonce: 0n })]) {
    await pool.add(tx.raw, 'local')
  }
  held.add(keyOf(culprit.hash))
  pool.setAside(culprit.hash)
  pool.setAside(new Uint8Array(32))
  expect(selected(pool)).toEqual([[keyOf(addressOf(1)), 0]])
  expect(pool.counts()).toEqual({ pending: 1, queued: 1 })
  for (const origin of ['local', 'peer'] as const) {
    expect(await pool.add(culprit.raw, origin)).toEqual({
      ok: false,
      code: 'set-aside',
      standing: 'known',
      message: `this node has set the transaction aside until its operator releases it: ${REASON}`,
    })
  }
})

it('nothing that was acknowledged is lost: a start after the release takes it up again', async () => {
  const culprit = transfer({ from: 0, nonce: 0n })
  const held = new Set<string>()
  const first = heldPool(held)
  await first.pool.add(culprit.raw, 'local')
  held.add(keyOf(culprit.hash))
  first.pool.setAside(culprit.hash)
  await first.pool.close()

  const second = heldPool(held, first.store)
  await second.pool.ready
  expect(second.pool.counts()).toEqual({ pending: 0, queued: 0 })
  await second.pool.close()

  const third = heldPool(new Set(), first.store)
  await third.pool.ready
  expect(third.pool.counts()).toEqual({ pending: 1, queued: 0 })
})

it('one that is set aside while its signature is being recovered does not get in', async () => {
  const held = new Set<string>()
  const culprit = transfer({ from: 0, nonce: 0n })
  const { pool } = heldPool(held, createMemoryStore(), () => held.add(keyOf(culprit.hash)))
  expect(await pool.add(culprit.raw, 'local')).toMatchObject({ ok: false, code: 'set-aside' })
})

it('peers that pass it on are not to blame, and are not asked for it', async () => {
  const culprit = transfer({ from: 0, nonce: 0n })
  const networks = memoryNetworks()
  const { pool, clock } = heldPool(new Set([keyOf(culprit.hash)]))
  const network = networks.join('a')
  startTxGossip({ network, pool, clock, logger: listLogger([]) })
  const peer = networks.join('b')
  const asked: string[] = []
  peer.setRequestHandler('pool-hashes', async () => [culprit.hash])
  peer.setRequestHandler('pool-transactions', async () => {
    asked.push('pool-transactions')
    return [culprit.raw]
  })
  await network.start()
  await peer.start()
  for (let times = 0; times < 3; times++) {
    await peer.publish('tx', encodeBundle([culprit.raw]))
    await clock.advance(EXCHANGE_INTERVAL + 1)
  }
  expect(pool.counts()).toEqual({ pending: 0, queued: 0 })
  expect(asked).toEqual([])
  expect(network.received.map(({ verdict }) => verdict)).toEqual(['ignore', 'ignore', 'ignore'])
  expect(network.penalties).toEqual([])
})
