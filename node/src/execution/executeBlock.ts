/** All transactions of a block, in order, on its parent's state. Every node that does this gets the same state. */
import type { BlockState } from '../state/state.ts'
import { mergeBlooms } from '../types/bloom.ts'
import type { Header } from '../types/header.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import type { BlockContext } from './contractHost.ts'
import { executeTransaction } from './executeTransaction.ts'
import type { ExecutionConfig } from './executionConfig.ts'

export type { BlockContext } from './contractHost.ts'
export type { ExecutionConfig } from './executionConfig.ts'
export { createProgramCache, type ProgramCache } from './programCache.ts'

/** What of a header execution depends on. */
export type ExecutedHeader = Pick<Header, 'number' | 'timestamp' | 'miner' | 'gasLimit' | 'baseFeePerGas' | 'mixHash'>

export type BlockOutcome =
  | {
      readonly receipts: readonly ReceiptRecord[]
      readonly gasUsed: bigint
      /** 256 bytes. */
      readonly logsBloom: Uint8Array
    }
  /** A transaction that cannot be in the block makes the block invalid; the state is to be thrown away. */
  | { readonly invalid: string }

/** The values a contract sees of the block it runs in. */
export function blockContextOf(header: ExecutedHeader): BlockContext {
  return {
    number: header.number,
    timestamp: header.timestamp,
    coinbase: header.miner,
    gasLimit: header.gasLimit,
    baseFee: header.baseFeePerGas,
    prevRandao: header.mixHash,
  }
}

/** Told what runs, for whoever has to say what it was when something else than a result comes out. */
export interface TransactionWatch {
  /** Before each transaction; `index` is its place among those given. */
  begin(transaction: SenderTransaction, index: number): void
  /** After the last. */
  end(): void
}

const NOBODY: TransactionWatch = { begin() {}, end() {} }

/** Executes on `state`, which stands at the parent. The caller asks it for its root and compares. */
export function executeBlock(
  state: BlockState,
  header: ExecutedHeader,
  transactions: readonly SenderTransaction[],
  config: ExecutionConfig,
  watch: TransactionWatch = NOBODY,
): BlockOutcome {
  const block = blockContextOf(header)
  const receipts: ReceiptRecord[] = []
  let gasUsed = 0n
  for (const [index, tx] of transactions.entries()) {
    watch.begin(tx, index)
    const outcome = executeTransaction(state, tx, block, header.gasLimit - gasUsed, config)
    if (!outcome.ok) return { invalid: `transaction ${index} cannot be included: ${outcome.error.message}` }
    receipts.push(outcome.receipt)
    gasUsed += outcome.receipt.gasUsed
  }
  watch.end()
  return { receipts, gasUsed, logsBloom: mergeBlooms(receipts.map(({ receipt }) => receipt.logsBloom)) }
}
