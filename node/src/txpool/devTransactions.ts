/**
 * Dev transactions in the pool (docs/protocol/dev.md): who may make them, which were used, and what of them fits a block.
 */
import type { ChainService } from '../chain/chainService.ts'
import { equalBytes } from '../codec/bytes.ts'
import { opensBlockOf } from '../execution/dev/askedOperations.ts'
import { DEV_ADDRESS, usedSlot } from '../execution/dev/devStorage.ts'
import { DROPPED_TOPIC } from '../execution/dev/devTopics.ts'
import { transactionErrors } from '../execution/transactionErrors.ts'
import { isZeroWord } from '../state/accountEntry.ts'
import type { Block } from '../types/block.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import {
  DEV_TRANSACTION_TYPE,
  isDevTransaction,
  type SenderTransaction,
  type TransactionEnvelope,
} from '../types/transaction.ts'
import { type Refusal, refuse, refuseUnanswered } from './checks.ts'
import { DEV_MARK_BYTES, MAX_DEV_WAITING } from './limits.ts'
import type { PooledTransaction } from './pooledTransaction.ts'

/** Only one account may make them, and it pays nothing: no queue, no fees, only so much room. */
export class DevLane {
  // In order of arrival, as a Map keeps it.
  readonly #waiting = new Map<string, PooledTransaction>()
  #mark: Uint8Array | null

  /** `mark`: of the last run of this node. */
  constructor(mark: Uint8Array | null = null) {
    this.#mark = mark
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Bytes of the newest one that is in a block, which bundles carry (docs/protocol/dev.md); null before the first. */
  get mark(): Uint8Array | null {
    return this.#mark
  }

  /** Whether a bundle that ends with these bytes may have been sent before the newest one in a block. */
  isAfter(last: Uint8Array): boolean {
    return this.#mark === null ? last[0] === DEV_TRANSACTION_TYPE : !equalBytes(last, this.#mark)
  }

  get isFull(): boolean {
    return this.#waiting.size >= MAX_DEV_WAITING
  }

  get refusal(): Refusal {
    return refuse('pool-full', `txpool holds ${this.#waiting.size} dev transactions: wait for a block`, 'unfit')
  }

  has(key: string): boolean {
    return this.#waiting.has(key)
  }

  add(tx: PooledTransaction): void {
    this.#waiting.set(tx.key, tx)
  }

  delete(key: string): boolean {
    return this.#waiting.delete(key)
  }

  /** Whether there are any in the block. */
  sees({ transactions }: Pick<Block, 'transactions'>): boolean {
    const found = transactions.filter(({ transaction }) => isDevTransaction(transaction))
    const mark = found.findLast(({ raw }) => raw.length <= DEV_MARK_BYTES)
    if (mark !== undefined) this.#mark = mark.raw.slice()
    return found.length > 0
  }

  /** In their order, up to one that must be the first of a block and is not, or is over the gas left. */
  select(gasLimit: bigint): readonly SenderTransaction[] {
    const selected: SenderTransaction[] = []
    let gasLeft = gasLimit
    for (const tx of this.#waiting.values()) {
      const { transaction } = tx
      if (!isDevTransaction(transaction) || transaction.gasLimit > gasLeft) break
      if (selected.length > 0 && opensBlockOf(transaction)) break
      selected.push(tx)
      gasLeft -= transaction.gasLimit
    }
    return selected
  }
}

/** Transactions that dev controls want out of every pool, by their logs. */
export function droppedBy(receipts: readonly ReceiptRecord[]): readonly Uint8Array[] {
  return receipts
    .filter(({ receipt }) => receipt.type === DEV_TRANSACTION_TYPE)
    .flatMap(({ receipt }) => receipt.logs)
    .filter(({ address, topics }) => equalBytes(address, DEV_ADDRESS) && equalBytes(topics[0]!, DROPPED_TOPIC))
    .map(({ data }) => data)
}

/** The genesis says who may, so one of somebody else is the fault of its sender. */
export async function refuseDev(
  { hash, sender }: SenderTransaction,
  chain: Pick<ChainService, 'genesis' | 'storage'>,
): Promise<Refusal | null> {
  const { dev } = chain.genesis
  if (dev === undefined || !equalBytes(sender, dev.controller)) {
    return refuse('dev-unauthorized', transactionErrors.notTheController().message, 'fault')
  }
  const used = await chain.storage(DEV_ADDRESS, usedSlot(hash), 'latest')
  return isZeroWord(used) ? null : refuse('dev-used', transactionErrors.devUsed().message, 'known')
}

/** Of a bundle from before a control: its nonce may be free again, but if it is in a block nobody has sent it since. */
export async function refuseSentBefore(
  { hash, transaction }: TransactionEnvelope,
  chain: Pick<ChainService, 'transaction'>,
): Promise<Refusal | null> {
  if (isDevTransaction(transaction)) return null
  try {
    const included = await chain.transaction(hash)
    return included === null
      ? null
      : refuse('already-known', `already known: in block ${included.blockNumber}`, 'known')
  } catch (error) {
    return refuseUnanswered(error, 'see whether it is in a block')
  }
}
