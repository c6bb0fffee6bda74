/** A proposer's block: the given transactions that can run, in their order, executed and sealed. */
import { keyOf } from '../codec/bytes.ts'
import { type NextHeader, timestampOf } from '../execution/dev/nextHeader.ts'
import { BlockRun, type TransactionWatch } from '../execution/executeBlock.ts'
import type { ExecutionConfig } from '../execution/executionConfig.ts'
import { TRANSACTION_GAS } from '../execution/fees.ts'
import type { TransactionErrorCode } from '../execution/transactionErrors.ts'
import type { JournaledState } from '../state/journaledState.ts'
import { orderedTrieRoot } from '../trie/orderedTrie.ts'
import { sealBlock } from '../types/blockCodec.ts'
import type { Header } from '../types/header.ts'
import { EMPTY_OMMERS_HASH, ZERO_NONCE } from '../types/headerCodec.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { type Candidate, keptReceipts } from './candidate.ts'
import type { BuildRequest, BuiltBlock, Head } from './chainService.ts'
import { BLOCK_OVERHEAD_BYTES, MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS, TRANSACTION_PREFIX_BYTES } from './limits.ts'

/**
 * Errors that leave a transaction for a later block: its turn, its price or its room has not come. All others stay, so
 * the pool drops what has them.
 */
const MAY_RUN_LATER: ReadonlySet<TransactionErrorCode> = new Set([
  'nonce-too-high',
  'fee-below-base-fee',
  'block-gas-exhausted',
  'dev-not-first',
])

interface Chosen {
  readonly transactions: readonly SenderTransaction[]
  readonly rejected: BuiltBlock['rejected']
}

/** `state` stands at the parent; afterwards it stands at the new block. */
export function buildBlock(
  request: BuildRequest,
  parent: Head,
  state: JournaledState,
  next: NextHeader,
  validators: Pick<Header, 'extraData' | 'mixHash'>,
  config: ExecutionConfig,
  watch: TransactionWatch,
): { readonly candidate: Candidate; readonly rejected: BuiltBlock['rejected'] } {
  const fields = {
    parentHash: parent.hash,
    ommersHash: EMPTY_OMMERS_HASH,
    miner: next.miner ?? request.miner,
    difficulty: 0n,
    number: parent.header.number + 1n,
    gasLimit: next.gasLimit,
    timestamp: timestampOf(next, parent.header, request.timestamp),
    ...validators,
    nonce: ZERO_NONCE,
    baseFeePerGas: next.baseFeePerGas,
  }
  const run = new BlockRun(state, fields, config, watch)
  const { transactions, rejected } = choose(request.transactions, run)
  const { receipts, stateRoot, receiptsRoot, logsBloom, gasUsed } = run.finish()
  const transactionsRoot = orderedTrieRoot(transactions.map(({ raw }) => raw))
  const header = { ...fields, stateRoot, transactionsRoot, receiptsRoot, logsBloom, gasUsed }
  const block = sealBlock(
    header,
    transactions.map(({ transaction, raw, hash }) => ({ transaction, raw, hash })),
  )
  return { candidate: { block, receipts: keptReceipts(receipts), changes: state.takeChanges() }, rejected }
}

/** Executes those that can run, as long as there is room. */
function choose(offered: readonly SenderTransaction[], run: BlockRun): Chosen {
  const transactions: SenderTransaction[] = []
  const rejected: { hash: Uint8Array; message: string }[] = []
  /** Senders with a transaction in this block: a later one that fails may be fine if another block wins. */
  const included = new Set<string>()
  let bytesLeft = MAX_BLOCK_BYTES - BLOCK_OVERHEAD_BYTES
  for (const [index, offer] of offered.entries()) {
    if (run.gasLeft < TRANSACTION_GAS || transactions.length >= MAX_BLOCK_TRANSACTIONS) break
    if (offer.raw.length + TRANSACTION_PREFIX_BYTES > bytesLeft) continue
    const refused = run.add(offer, index)
    if (refused === null) {
      transactions.push(offer)
      included.add(keyOf(offer.sender))
      bytesLeft -= offer.raw.length + TRANSACTION_PREFIX_BYTES
    } else if (!MAY_RUN_LATER.has(refused.error.code) && !included.has(keyOf(offer.sender))) {
      rejected.push({ hash: offer.hash, message: refused.error.message })
    }
  }
  return { transactions, rejected }
}
