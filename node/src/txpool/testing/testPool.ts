/** A pool on a fake chain, for tests: ten rich accounts, a clock that stands still. */

import { type LogLine, listLogger } from '../../../testing/logger.ts'
import { manualClock } from '../../../testing/manualClock.ts'
import { keyOf } from '../../codec/bytes.ts'
import type { KeyValueStore } from '../../runtime/keyValueStore.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import type { TxPoolLimits } from '../limits.ts'
import { openTxPool } from '../txPool.ts'
import type { AddOutcome } from '../txpoolView.ts'
import { addressOf, BASE_FEE, fakeChain, numberedRecoverer, type TransferFields, transfer } from './fakeChain.ts'

export const RICH = 10n ** 18n
/** What a plain transfer costs at most. */
export const COST = 21_000n * 2n * BASE_FEE

export function testPool(
  limits: Partial<TxPoolLimits> = {},
  store?: KeyValueStore,
  onFatal: (error: unknown) => void = () => {},
) {
  const chain = fakeChain()
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
