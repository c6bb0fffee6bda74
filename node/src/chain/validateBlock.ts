/** A proposed block, checked on its parent: header, size, transactions, and every root after executing it. */
import { compareField, type FieldDifference } from '../divergence/compareReceipts.ts'
import type { NextHeader } from '../execution/dev/nextHeader.ts'
import { executeBlock, type TransactionWatch } from '../execution/executeBlock.ts'
import type { ExecutionConfig } from '../execution/executionConfig.ts'
import type { JournaledState } from '../state/journaledState.ts'
import { orderedTrieRoot } from '../trie/orderedTrie.ts'
import type { Block } from '../types/block.ts'
import type { Header } from '../types/header.ts'
import { headerHash } from '../types/headerCodec.ts'
import { type Candidate, keptReceipts } from './candidate.ts'
import type { Head } from './chainService.ts'
import { differs, headerFault } from './headerRules.ts'
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from './limits.ts'

export type Validated =
  | { readonly ok: true; readonly candidate: Candidate }
  /**
   * `unequal`: fields of the header that the execution gave otherwise; none where the block is invalid for another reason.
   */
  | { readonly ok: false; readonly reason: string; readonly unequal: readonly FieldDifference[] }

/**
 * The fault that shows before the block is executed; null when it may be. `hasItsRoot`: its transactions are known to be
 * those of the header's transactions root.
 */
export function staticFault(
  block: Block,
  senders: readonly Uint8Array[],
  parent: Head,
  next: NextHeader,
  validators: Pick<Header, 'extraData' | 'mixHash'>,
  hasItsRoot = false,
): string | null {
  if (senders.length !== block.transactions.length) {
    return `senders: ${senders.length} for ${block.transactions.length} transactions`
  }
  if (block.raw.length > MAX_BLOCK_BYTES)
    return `size: ${block.raw.length} bytes, at most ${MAX_BLOCK_BYTES} are allowed`
  if (block.transactions.length > MAX_BLOCK_TRANSACTIONS)
    return `transactions: ${block.transactions.length}, at most ${MAX_BLOCK_TRANSACTIONS} are allowed`
  return (
    headerFault(block.header, parent, next, validators) ??
    differs('block hash', block.hash, headerHash(block.header), 'ours') ??
    (hasItsRoot ? null : rootFault(block))
  )
}

function rootFault({ header, transactions }: Block): string | null {
  const ours = orderedTrieRoot(transactions.map(({ raw }) => raw))
  return differs('transactions root', header.transactionsRoot, ours, 'ours')
}

/** Executes a block without a static fault. `state` stands at the parent and is of no use after a fault. */
export function executeCandidate(
  block: Block,
  senders: readonly Uint8Array[],
  state: JournaledState,
  config: ExecutionConfig,
  watch: TransactionWatch,
): Validated {
  const { header } = block
  const transactions = block.transactions.map((envelope, index) => ({ ...envelope, sender: senders[index]! }))
  const outcome = executeBlock(state, header, transactions, config, watch)
  if ('invalid' in outcome) return { ok: false, reason: outcome.invalid, unequal: [] }
  const unequal = [
    compareField('gas used', header.gasUsed, outcome.gasUsed),
    compareField('logs bloom', header.logsBloom, outcome.logsBloom),
    compareField('receipts root', header.receiptsRoot, outcome.receiptsRoot),
    compareField('state root', header.stateRoot, outcome.stateRoot),
  ].filter((difference) => difference !== null)
  const [first] = unequal
  if (first !== undefined) {
    return { ok: false, reason: `${first.field}: header ${first.expected}, ours ${first.got}`, unequal }
  }
  return { ok: true, candidate: { block, receipts: keptReceipts(outcome.receipts), changes: state.takeChanges() } }
}
