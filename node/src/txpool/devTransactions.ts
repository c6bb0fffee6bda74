/** Dev transactions in the pool (docs/protocol/dev.md): who may make them, which were used, and what of them fits a block. */
import type { ChainService } from '../chain/chainService.ts'
import { equalBytes } from '../codec/bytes.ts'
import { DEV_ADDRESS, usedSlot } from '../execution/dev/devStorage.ts'
import { opensBlockOf } from '../execution/dev/executeDevTransaction.ts'
import { transactionErrors } from '../execution/transactionErrors.ts'
import { isZeroWord } from '../state/accountEntry.ts'
import type { Genesis } from '../types/genesis.ts'
import { isDevTransaction, type SenderTransaction } from '../types/transaction.ts'
import { type Refusal, refuse } from './checks.ts'

/** The genesis says who may, so one of somebody else is the fault of whoever sent it. */
export function refuseDevSigner({ sender }: SenderTransaction, { dev }: Pick<Genesis, 'dev'>): Refusal | null {
  if (dev !== undefined && equalBytes(sender, dev.controller)) return null
  return refuse('dev-unauthorized', transactionErrors.notTheController().message, 'fault')
}

export async function refuseUsedDev(
  { hash }: SenderTransaction,
  chain: Pick<ChainService, 'storage'>,
): Promise<Refusal | null> {
  const used = await chain.storage(DEV_ADDRESS, usedSlot(hash), 'latest')
  return isZeroWord(used) ? null : refuse('dev-used', transactionErrors.devUsed().message, 'known')
}

/** In their order, up to one that must be the first of a block and is not, or is over the gas left. */
export function selectDevTransactions(
  waiting: Iterable<SenderTransaction>,
  gasLimit: bigint,
): readonly SenderTransaction[] {
  const selected: SenderTransaction[] = []
  let gasLeft = gasLimit
  for (const tx of waiting) {
    const { transaction } = tx
    if (!isDevTransaction(transaction) || transaction.gasLimit > gasLeft) break
    if (selected.length > 0 && opensBlockOf(transaction)) break
    selected.push(tx)
    gasLeft -= transaction.gasLimit
  }
  return selected
}
