/** Takes the transactions that an earlier run of this node had accepted from the journal on the disk into the pool. */
import { equalBytes, keyOf } from '../codec/bytes.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { nonceOf } from './checks.ts'
import type { DevLane } from './devTransactions.ts'
import type { TxPoolJournal } from './journal.ts'
import { RELOAD_BATCH, RELOAD_BATCH_BYTES, type TxPoolLimits } from './limits.ts'
import type { AddOutcome } from './txpoolView.ts'

export interface TakingUp {
  /** Null: the node keeps none. */
  readonly journal: TxPoolJournal | null
  readonly dev: Pick<DevLane, 'mark' | 'seesHead'>
  readonly limits: Pick<TxPoolLimits, 'transactions'>
  readonly logger: Logger
}

/** `add` judges one as if it came now; a refused one leaves the journal, unless it is only set aside. */
export async function takeUp(
  { journal, dev, limits, logger }: TakingUp,
  add: (raw: Uint8Array) => Promise<AddOutcome>,
): Promise<void> {
  // A node that was killed just after a block may not have written the block's mark.
  const isNew = await dev.seesHead()
  if (journal === null) return
  if (isNew && dev.mark !== null) journal.keepMark(dev.mark)
  const entries = await journal.load(limits.transactions)
  if (entries.length === 0) return
  // The store is in the order of hashes; in the order of nonces nothing has to wait for a gap to close.
  const inOrder = entries
    .map((entry) => ({ ...entry, nonce: nonceOf(entry.raw) }))
    .sort((a, b) => (a.nonce < b.nonce ? -1 : a.nonce > b.nonce ? 1 : 0))
  let kept = 0
  for (let at = 0; at < inOrder.length; ) {
    const batch = []
    // Within what may wait for its signature (`waiting`, `waitingBytes`).
    for (let bytes = 0; at < inOrder.length && batch.length < RELOAD_BATCH && bytes < RELOAD_BATCH_BYTES; at++) {
      batch.push(inOrder[at]!)
      bytes += inOrder[at]!.raw.length
    }
    const outcomes = await Promise.all(batch.map(({ raw }) => add(raw)))
    for (const [index, outcome] of outcomes.entries()) {
      const { hash } = batch[index]!
      // By the entry's own key, whatever the bytes under it are.
      if (outcome.ok && equalBytes(outcome.hash, hash)) kept++
      else if (outcome.ok || (outcome.code !== 'already-known' && outcome.code !== 'set-aside'))
        journal.delete(keyOf(hash), hash)
    }
  }
  logger.info({ kept, left: entries.length - kept }, 'took up the transactions of the last run')
}
