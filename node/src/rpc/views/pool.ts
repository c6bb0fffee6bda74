/** The transaction pool as JSON-RPC shows it: sender, then nonce in decimal, then the transaction. */
import type { TxPoolContent } from '../../txpool/txpoolView.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import { responseTooLarge } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'

type Group = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Refuses before it makes more text than an answer may have. */
export function poolView(
  content: TxPoolContent,
  { maxResponseLength }: Pick<RpcLimits, 'maxResponseLength'>,
  show: (transaction: SenderTransaction) => unknown,
): { readonly pending: Group; readonly queued: Group } {
  let length = 0
  const group = (senders: TxPoolContent['pending']): Group =>
    Object.fromEntries(
      Array.from(senders, ([sender, transactions]) => [
        `0x${sender}`,
        Object.fromEntries(
          transactions.map((transaction) => {
            length += 2 * transaction.raw.length
            if (length > maxResponseLength) throw responseTooLarge(maxResponseLength)
            return [transaction.transaction.nonce.toString(), show(transaction)]
          }),
        ),
      ]),
    )
  return { pending: group(content.pending), queued: group(content.queued) }
}
