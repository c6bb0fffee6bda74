/** The log's line about a transaction that left the pool without being in a block. */
import { keyOf } from '../codec/bytes.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import type { PooledTransaction } from './pooledTransaction.ts'

/** One of this node's own users is told in any case; those of peers are many. */
export function tellOfDeparture(logger: Logger, tx: PooledTransaction, reason: string): void {
  const fields = {
    hash: `0x${tx.key}`,
    sender: `0x${keyOf(tx.sender)}`,
    nonce: tx.transaction.nonce.toString(),
    reason,
  }
  if (tx.origin === 'local') logger.info(fields, 'a transaction left the pool without being in a block')
  else logger.debug(fields, 'a transaction left the pool without being in a block')
}
