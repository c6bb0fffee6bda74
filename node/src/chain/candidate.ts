/** A block that was executed on the head but is not final: everything its commit will write. */
import { keyOf } from '../codec/bytes.ts'
import type { StateChanges } from '../state/stateStore.ts'
import type { Block } from '../types/block.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { MAX_CANDIDATES, MAX_KEPT_FAILURE_TEXT, MAX_KEPT_REVERT_DATA } from './limits.ts'

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

  /** The one that was executed last. */
  newest(): Candidate | undefined {
    return [...this.#byHash.values()].at(-1)
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

/** Receipts as they are kept: the reason of a failed transaction is cut to its bounds. */
export function keptReceipts(receipts: readonly ReceiptRecord[]): readonly ReceiptRecord[] {
  return receipts.map((record) => {
    const { failure } = record
    if (failure === null) return record
    const message = cutText(failure.message, MAX_KEPT_FAILURE_TEXT)
    const revertData = failure.revertData?.slice(0, MAX_KEPT_REVERT_DATA) ?? null
    return { ...record, failure: { message, revertData } }
  })
}

const CUT_MARK = '...'

/** The text, or its beginning and a mark, in at most `bytes` of UTF-8 and without splitting a letter. */
function cutText(text: string, bytes: number): string {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= bytes) return text
  const encoder = new TextEncoder()
  const { read } = encoder.encodeInto(text, new Uint8Array(bytes))
  if (read === text.length) return text
  const kept = encoder.encodeInto(text, new Uint8Array(bytes - CUT_MARK.length))
  return `${text.slice(0, kept.read)}${CUT_MARK}`
}
