/** A block with its receipts, and the JSON of both, made at most once. */
import type { LocatedLog } from '../../chain/chainService.ts'
import type { Block } from '../../types/block.ts'
import type { ReceiptRecord } from '../../types/receipt.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import { JsonText } from '../json.ts'
import { blockView, headerView } from '../views/block.ts'
import { locateLogs, type ReceiptPlace, type ReceiptView, receiptView } from '../views/receipt.ts'
import type { TransactionPlace } from '../views/transaction.ts'

/** Estimate of what a receipt takes beside its logs: bloom, hashes, object headers. */
const RECEIPT_BYTES = 1_024
/** The same for a log. */
const LOG_BYTES = 512
/** A block's bytes are held decoded, and again as JSON: hex doubles them. */
const COPIES_OF_RAW = 4

export class ExecutedBlock {
  readonly block: Block
  readonly receipts: readonly ReceiptRecord[]
  /** Position of each transaction's first log among all logs of the block. */
  readonly #firstLogs: readonly number[]
  readonly #texts = new Map<'header' | 'hashes' | 'full', JsonText>()

  constructor(block: Block, receipts: readonly ReceiptRecord[]) {
    this.block = block
    this.receipts = receipts
    let logs = 0
    this.#firstLogs = receipts.map((record) => {
      const first = logs
      logs += record.receipt.logs.length
      return first
    })
  }

  /** Bytes it holds, roughly. */
  get weight(): number {
    let weight = this.block.raw.length * COPIES_OF_RAW
    for (const { receipt } of this.receipts) {
      weight += RECEIPT_BYTES
      for (const log of receipt.logs) weight += LOG_BYTES + log.data.length
    }
    return weight
  }

  /** As the newHeads subscription gives it. */
  headerText(): JsonText {
    return this.#text('header', () => headerView(this.block.header, this.block.hash))
  }

  /** As eth_getBlockByHash gives it. */
  blockText(full: boolean): JsonText {
    const senders = full ? this.receipts.map((record) => record.sender) : null
    return this.#text(full ? 'full' : 'hashes', () => blockView(this.block, senders))
  }

  /** Undefined past the last transaction. */
  transaction(index: number): SenderTransaction | undefined {
    const envelope = this.block.transactions[index]
    const record = this.receipts[index]
    return envelope === undefined || record === undefined ? undefined : { ...envelope, sender: record.sender }
  }

  place(index: number): TransactionPlace {
    const { number: blockNumber, baseFeePerGas } = this.block.header
    return { blockHash: this.block.hash, blockNumber, index, baseFeePerGas }
  }

  receipt(index: number): ReceiptView | undefined {
    const record = this.receipts[index]
    return record === undefined ? undefined : receiptView(record, this.#receiptPlace(index))
  }

  /** Without logs. */
  briefReceipt(index: number): ReceiptView | undefined {
    const record = this.receipts[index]
    if (record === undefined) return undefined
    const receipt = { ...record.receipt, logs: [] }
    return { ...receiptView({ ...record, receipt }, this.#receiptPlace(index)), logs: null, logsBloom: null }
  }

  /** All logs, in order. */
  logs(): readonly LocatedLog[] {
    return this.receipts.flatMap((record, index) =>
      record.receipt.logs.length === 0 ? [] : locateLogs(record, this.#receiptPlace(index)),
    )
  }

  #receiptPlace(index: number): ReceiptPlace {
    const { header, hash: blockHash, transactions } = this.block
    return {
      header,
      blockHash,
      index,
      firstLog: this.#firstLogs[index]!,
      to: transactions[index]!.transaction.to,
    }
  }

  #text(kind: 'header' | 'hashes' | 'full', make: () => unknown): JsonText {
    let text = this.#texts.get(kind)
    if (text === undefined) {
      text = new JsonText(JSON.stringify(make()))
      this.#texts.set(kind, text)
    }
    return text
  }
}
