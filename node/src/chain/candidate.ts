/** A block that was executed on the head but is not final: everything its commit will write. */
import { equalBytes, keyOf } from '../codec/bytes.ts'
import type { StateChanges } from '../state/stateStore.ts'
import type { Block } from '../types/block.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { MAX_CANDIDATES, MAX_KEPT_REVERT_DATA } from './limits.ts'

export interface Candidate {
  readonly block: Block
  readonly receipts: readonly ReceiptRecord[]
  readonly changes: StateChanges
}

/** By block hash; all on the head. Bounded: the oldest makes room. */
export class Candidates {
  readonly #byHash = new Map<string, Candidate>()

  get(hash: Uint8Array): Candidate | undefined {
    return this.#byHash.get(keyOf(hash))
  }

  add(candidate: Candidate): void {
    const key = keyOf(candidate.block.hash)
    this.#byHash.delete(key)
    this.#byHash.set(key, candidate)
    for (const oldest of this.#byHash.keys()) {
      if (this.#byHash.size <= MAX_CANDIDATES) break
      this.#byHash.delete(oldest)
    }
  }

  /** The head moved: nothing here is on it. */
  clear(): void {
    this.#byHash.clear()
  }
}

/** Receipts as they are kept: revert data cut to its bound. */
export function keptReceipts(receipts: readonly ReceiptRecord[]): readonly ReceiptRecord[] {
  return receipts.map((record) => {
    const { failure } = record
    if (failure === null || failure.revertData === null) return record
    if (failure.revertData.length <= MAX_KEPT_REVERT_DATA) return record
    return { ...record, failure: { ...failure, revertData: failure.revertData.slice(0, MAX_KEPT_REVERT_DATA) } }
  })
}

/** The same transactions in the same order, whoever holds the objects. */
export function sameTransactions(left: Block, right: Block): boolean {
  return (
    left.transactions.length === right.transactions.length &&
    left.transactions.every((transaction, index) => equalBytes(transaction.hash, right.transactions[index]!.hash))
  )
}
