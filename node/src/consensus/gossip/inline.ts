/** Which transactions of a block go with its proposal: all when they are few, else those that the others may lack yet. */
import type { Clock } from '../../runtime/clock.ts'
import type { Block } from '../../types/block.ts'
import type { TransactionSource } from '../application.ts'
import { INLINE_ALL_BYTES, INLINE_BYTES, INLINE_TRANSACTION_BYTES, SPREAD_TIME } from '../limits.ts'
import type { PlacedTransaction, ProposalMessage } from '../wire/messages.ts'

export function withInlined(
  message: ProposalMessage,
  block: Block,
  source: TransactionSource | undefined,
  clock: Pick<Clock, 'monotonic'>,
): ProposalMessage {
  const all = block.transactions.map(({ raw }, index): PlacedTransaction => ({ index, raw }))
  const bytes = all.reduce((sum, { raw }) => sum + raw.length, 0)
  if (bytes <= INLINE_ALL_BYTES || source === undefined) return { ...message, transactions: all }
  const spreadBefore = clock.monotonic() - SPREAD_TIME
  const transactions: PlacedTransaction[] = []
  let room = INLINE_BYTES
  for (const placed of all) {
    const { length } = placed.raw
    if (length > INLINE_TRANSACTION_BYTES || length > room) continue
    const arrived = source.arrivedAt(block.transactions[placed.index]!.hash)
    if (arrived !== undefined && arrived < spreadBefore) continue
    transactions.push(placed)
    room -= length
  }
  return { ...message, transactions }
}
