/** A pool on a fake chain, for tests: ten rich accounts, a clock that stands still. */

import { type LogLine, listLogger } from '../../../testing/logger.ts'
import { manualClock } from '../../../testing/manualClock.ts'
import { devGenesis } from '../../chain/testing/devFixtures.ts'
import { bigintToBytes, keyOf } from '../../codec/bytes.ts'
import { usedSlot } from '../../execution/dev/devStorage.ts'
import type { KeyValueStore } from '../../runtime/keyValueStore.ts'
import type { Genesis } from '../../types/genesis.ts'
import type { ReceiptRecord } from '../../types/receipt.ts'
import { isDevTransaction, type SenderTransaction } from '../../types/transaction.ts'
import { recoverSender } from '../../types/transactionCodec.ts'
import type { TxPoolLimits } from '../limits.ts'
import { openTxPool } from '../txPool.ts'
import type { AddOutcome } from '../txpoolView.ts'
import { addressOf, BASE_FEE, fakeChain, numberedRecoverer, type TransferFields, transfer } from './fakeChain.ts'

export const RICH = 10n ** 18n
/** The highest cost of a plain transfer. */
export const COST = 21_000n * 2n * BASE_FEE

export function testPool(
  limits: Partial<TxPoolLimits> = {},
  store?: KeyValueStore,
  onFatal: (error: unknown) => void = () => {},
  dev?: Genesis['dev'],
) {
  const plain = fakeChain()
  const chain = dev === undefined ? plain : Object.assign(plain, { genesis: { ...plain.genesis, dev } })
  for (let index = 0; index < 10; index++) chain.setAccount(index, { balance: RICH })
  const clock = manualClock()
  const log: LogLine[] = []
  const recoverer = numberedRecoverer()
  const pool = openTxPool({
    chain,
    recoverer,
    clock,
    logger: listLogger(log),
    limits,
    onFatal,
    ...(store === undefined ? {} : { store }),
  })
  const pending: SenderTransaction[] = []
  pool.onPending((tx) => pending.push(tx))
  const add = (fields: TransferFields, origin: 'local' | 'peer' = 'local') => pool.add(transfer(fields).raw, origin)
  const nonces = (which: 'pending' | 'queued', from: number) =>
    (pool.content()[which].get(keyOf(addressOf(from))) ?? []).map(({ transaction }) => Number(transaction.nonce))
  const commit = async (fields: readonly TransferFields[], baseFee?: bigint) => {
    chain.commit(
      fields.map((field) => ({ ...transfer(field), sender: addressOf(field.from) })),
      baseFee,
    )
    await clock.advance(0)
  }
  return { chain, clock, log, recoverer, pool, pending, add, nonces, commit }
}

/**
 * As {@link testPool}, of a chain in dev mode unless its limits are null; dev transactions have real
 * signatures, or one with r = 1, which is taken for the controller's.
 */
export function devPool(limits: Partial<TxPoolLimits> | null = {}, store?: KeyValueStore) {
  const made = testPool(limits ?? {}, store, undefined, limits === null ? undefined : devGenesis.dev)
  const { chain, recoverer, clock } = made
  const used = new Set<string>()
  const numbered = recoverer.recover.bind(recoverer)
  recoverer.recover = async (envelopes) => {
    const others = [...(await numbered(envelopes.filter(({ transaction }) => !isDevTransaction(transaction))))]
    return envelopes.map(({ transaction }) => {
      if (!isDevTransaction(transaction)) return others.shift()!
      return transaction.r === 1n ? devGenesis.dev!.controller : recoverSender(transaction)
    })
  }
  return {
    ...made,
    chain: Object.assign(chain, {
      /** The transaction of this hash is in a block. */
      use: (hash: Uint8Array) => void used.add(keyOf(usedSlot(hash))),
      storage: async (_: Uint8Array, slot: Uint8Array) => bigintToBytes(used.has(keyOf(slot)) ? 1n : 0n, 32),
    }),
    /** A block of dev transactions that has changed no account of the chain. */
    async commit(transactions: readonly SenderTransaction[], receipts: readonly ReceiptRecord[] = []) {
      const { block, certificate } = chain.next(transactions)
      chain.take(block, certificate, receipts)
      await clock.advance(0)
    },
  }
}

export function code(outcome: AddOutcome): string {
  return outcome.ok ? 'ok' : outcome.code
}

export function message(outcome: AddOutcome): string {
  return outcome.ok ? 'ok' : outcome.message
}

/** Holds batches of signatures back until they are released, one by one. */
export function heldRecoverer(recoverer: ReturnType<typeof numberedRecoverer>) {
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
