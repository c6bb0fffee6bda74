/**
 * Dev transactions in the pool (docs/protocol/dev.md): who may make them, which were used, and what of them fits a block.
 */
import type { ChainService } from '../chain/chainService.ts'
import { equalBytes } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'
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

type DevChain = Pick<ChainService, 'genesis' | 'base' | 'block' | 'storage' | 'blockOfTransaction'>

/** Refuses what is in a block that its sender had not seen, if a dev control may have freed its nonce since. */
export type SentBefore = (envelope: TransactionEnvelope) => Promise<Refusal | null>

/** Only one account may make them, and it pays nothing: no queue, no fees, only so much room. */
export class DevLane {
  readonly #chain: DevChain
  // In order of arrival, as a Map keeps it.
  readonly #waiting = new Map<string, PooledTransaction>()
  #mark: Uint8Array | null = null
  #markHash: Uint8Array | null = null

  /** `mark`: of the last run of this node. */
  constructor(chain: DevChain, mark: Uint8Array | null = null) {
    this.#chain = chain
    if (mark !== null) this.#setMark(mark)
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Bytes of the newest one that is in a block, which bundles carry (docs/protocol/dev.md); null before the first. */
  get mark(): Uint8Array | null {
    return this.#mark
  }

  /** Its hash. A node that began with a snapshot does not know of those before: zeros, which are in no block. */
  get seen(): Uint8Array | null {
    return this.#markHash ?? (this.#chain.base === 0n ? null : new Uint8Array(32))
  }

  /**
   * For what comes from a peer at a time. `seen`: as AddingFrom's (txPoolTypes.ts). One that is in no block here is newer
   * than this node's chain, and so is what came with it. Null: nothing needs asking.
   */
  sentBefore(seen: Uint8Array | null | undefined): SentBefore | null {
    if (seen === undefined || this.#chain.genesis.dev === undefined) return null
    let asked: { readonly mark: Uint8Array | null; readonly block: Promise<bigint | null> } | null = null
    return async ({ hash, raw, transaction }) => {
      // At the end of nearly every bundle: its signature need not be recovered.
      if (this.#mark !== null && equalBytes(raw, this.#mark)) return devUsed()
      if (isDevTransaction(transaction)) return null
      try {
        if (asked?.mark !== this.#mark) asked = { mark: this.#mark, block: this.#blockOf(seen) }
        const block = await asked.block
        if (block === null) return null
        const included = await this.#chain.blockOfTransaction(hash)
        if (included === null || included <= block) return null
        return refuse('already-known', `already known: in block ${included}`, 'known')
      } catch (error) {
        return refuseUnanswered(error, 'see whether it is in a block')
      }
    }
  }

  /** Null where no control came after it: the nonces of later blocks are used. */
  async #blockOf(seen: Uint8Array | null): Promise<bigint | null> {
    if (seen === null ? this.#markHash === null : this.#markHash !== null && equalBytes(seen, this.#markHash))
      return null
    return seen === null ? 0n : this.#chain.blockOfTransaction(seen)
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
    if (mark !== undefined) this.#setMark(mark.raw.slice())
    return found.length > 0
  }

  #setMark(raw: Uint8Array): void {
    this.#mark = raw
    this.#markHash = keccak256(raw)
  }

  /** The same of the newest block, before any comes. */
  async seesHead(): Promise<boolean> {
    if (this.#chain.genesis.dev === undefined) return false
    const head = await this.#chain.block('latest')
    return head !== null && this.sees(head.block)
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
export async function refuseDev({ hash, sender }: SenderTransaction, chain: DevChain): Promise<Refusal | null> {
  const { dev } = chain.genesis
  if (dev === undefined || !equalBytes(sender, dev.controller)) {
    return refuse('dev-unauthorized', transactionErrors.notTheController().message, 'fault')
  }
  const used = await chain.storage(DEV_ADDRESS, usedSlot(hash), 'latest')
  return isZeroWord(used) ? null : devUsed()
}

function devUsed(): Refusal {
  return refuse('dev-used', transactionErrors.devUsed().message, 'known')
}
