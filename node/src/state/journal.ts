/**
 * The journal of a transaction: what every change replaced, in order. Reverting walks it backwards to a checkpoint; what
 * is left of it at the end of the transaction is exactly what changed.
 *
 * Why it is so: docs/rationale/state.md.
 */
import type { Log } from '../types/log.ts'
import type { AccountEntry, Slot } from './accountEntry.ts'

export type JournalEntry =
  | { readonly kind: 'balance'; readonly account: AccountEntry; readonly previous: bigint }
  | { readonly kind: 'nonce'; readonly account: AccountEntry; readonly previous: bigint }
  | {
      readonly kind: 'code'
      readonly account: AccountEntry
      readonly previousHash: Uint8Array
      readonly previous: Uint8Array | null
    }
  | { readonly kind: 'slot'; readonly account: AccountEntry; readonly slot: Slot; readonly previous: Uint8Array }
  | { readonly kind: 'transient'; readonly key: string; readonly previous: Uint8Array | undefined }
  | { readonly kind: 'warm'; readonly key: string }
  | { readonly kind: 'refund'; readonly previous: bigint }
  | { readonly kind: 'log' }

/** The values that live for one transaction. */
export interface TransactionScratch {
  /** Addresses, and addresses followed by slot keys, in hex. */
  readonly warm: Set<string>
  readonly transient: Map<string, Uint8Array>
  readonly logs: Log[]
  refund: bigint
}

export function emptyScratch(): TransactionScratch {
  return { warm: new Set(), transient: new Map(), logs: [], refund: 0n }
}

export function undo(entry: JournalEntry, scratch: TransactionScratch): void {
  switch (entry.kind) {
    case 'balance':
      entry.account.balance = entry.previous
      break
    case 'nonce':
      entry.account.nonce = entry.previous
      break
    case 'code':
      entry.account.codeHash = entry.previousHash
      entry.account.code = entry.previous
      break
    case 'slot':
      entry.slot.value = entry.previous
      break
    case 'transient':
      if (entry.previous === undefined) scratch.transient.delete(entry.key)
      else scratch.transient.set(entry.key, entry.previous)
      break
    case 'warm':
      scratch.warm.delete(entry.key)
      break
    case 'refund':
      scratch.refund = entry.previous
      break
    case 'log':
      scratch.logs.pop()
      break
  }
}
