/** All transactions of a block, in order, on its parent's state. Every node that does this gets the same state. */
import type { BlockState } from '../state/state.ts'
import { orderedTrieRoot } from '../trie/orderedTrie.ts'
import { mergeBlooms } from '../types/bloom.ts'
import type { Header } from '../types/header.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { encodeReceipt } from '../types/receiptCodec.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import type { BlockContext } from './contractHost.ts'
import { executeTransaction } from './executeTransaction.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import type { TransactionError } from './transactionErrors.ts'
import { keepWarm, LoadedCodes } from './warmCodes.ts'

export type { BlockContext } from './contractHost.ts'
export type { ExecutionConfig } from './executionConfig.ts'
export { createProgramCache, type ProgramCache } from './programCache.ts'

/** The fields of a header that execution depends on. */
export type ExecutedHeader = Pick<Header, 'number' | 'timestamp' | 'miner' | 'gasLimit' | 'baseFeePerGas' | 'mixHash'>

/** The results of a block's transactions: the fields of its header that come from executing it, and the receipts. */
export interface ExecutedBlock {
  readonly receipts: readonly ReceiptRecord[]
  /** The values of the receipts trie. */
  readonly encodedReceipts: readonly Uint8Array[]
  readonly gasUsed: bigint
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  readonly receiptsRoot: Uint8Array
  readonly stateRoot: Uint8Array
}

export type BlockOutcome =
  | ExecutedBlock
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

/** Told what runs, for the caller that has to say what it was when something else than a result comes out. */
export interface TransactionWatch {
  /** Before each transaction; `index` is its place among those given. */
  begin(transaction: SenderTransaction, index: number): void
  /** After the last. */
  end(): void
}

const NOBODY: TransactionWatch = { begin() {}, end() {} }

/** A transaction that cannot be in a block. */
export interface Refused {
  /** Its place among those given. */
  readonly index: number
  readonly error: TransactionError
}

/**
 * The execution of one block, transaction by transaction. Making a block, checking it, replaying it, and
 * looking for where engines part in it all drive this one loop, so that they agree by construction.
 */
export class BlockRun {
  readonly receipts: ReceiptRecord[] = []
  readonly #state: BlockState
  readonly #block: BlockContext
  readonly #config: ExecutionConfig
  readonly #watch: TransactionWatch
  readonly #loaded = new LoadedCodes()
  #gasUsed = 0n

  /** `state` stands at the parent. */
  constructor(state: BlockState, header: ExecutedHeader, config: ExecutionConfig, watch: TransactionWatch = NOBODY) {
    this.#state = state
    this.#block = blockContextOf(header)
    this.#config = config
    this.#watch = watch
  }

  /** The gas left in the block for transactions to come. */
  get gasLeft(): bigint {
    return this.#block.gasLimit - this.#gasUsed
  }

  /** Executes a transaction after those before it. Null, or why it cannot be in the block; the state is then as before. */
  add(transaction: SenderTransaction, index: number): Refused | null {
    this.#watch.begin(transaction, index)
    const outcome = executeTransaction(this.#state, transaction, this.#block, this.gasLeft, this.#config)
    if (!outcome.ok) return { index, error: outcome.error }
    this.receipts.push(outcome.receipt)
    this.#gasUsed += outcome.receipt.gasUsed
    this.#loaded.add(outcome.loaded)
    return null
  }

  /** Executes all, or those before the first that cannot be in the block. */
  addAll(transactions: readonly SenderTransaction[]): Refused | null {
    for (const [index, transaction] of transactions.entries()) {
      const refused = this.add(transaction, index)
      if (refused !== null) return refused
    }
    return null
  }

  /** After the last transaction, once. */
  finish(): ExecutedBlock {
    this.#watch.end()
    keepWarm(this.#state, this.#loaded.all())
    const encodedReceipts = this.receipts.map(({ receipt }) => encodeReceipt(receipt))
    return {
      receipts: this.receipts,
      encodedReceipts,
      gasUsed: this.#gasUsed,
      logsBloom: mergeBlooms(this.receipts.map(({ receipt }) => receipt.logsBloom)),
      receiptsRoot: orderedTrieRoot(encodedReceipts),
      stateRoot: this.#state.root(),
    }
  }
}

/** Executes a whole block on `state`, which stands at the parent. The caller compares what comes out with the header. */
export function executeBlock(
  state: BlockState,
  header: ExecutedHeader,
  transactions: readonly SenderTransaction[],
  config: ExecutionConfig,
  watch?: TransactionWatch,
): BlockOutcome {
  const run = new BlockRun(state, header, config, watch)
  const refused = run.addAll(transactions)
  if (refused !== null) return { invalid: `transaction ${refused.index} cannot be included: ${refused.error.message}` }
  return run.finish()
}
