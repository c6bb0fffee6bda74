/**
 * A receipt as JSON-RPC shows it (execution-apis, "ReceiptInfo"), with one field of ours: `failure`, null or
 * {message, revertData}, tells why a transaction failed. It is what this node saw when it executed the block, not part
 * of consensus.
 */
import type { LocatedLog } from '../../chain/chainService.ts'
import { toHex, toQuantity } from '../../codec/hex.ts'
import type { Header } from '../../types/header.ts'
import type { Log } from '../../types/log.ts'
import type { ReceiptRecord } from '../../types/receipt.ts'
import { responseTooLarge } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import { leastLogLength, logView } from './log.ts'
import { countToQuantity } from './quantities.ts'

/**
 * Refuses what has more logs than an answer has room for before any text is made of them: a block holds tens of thousands.
 * @throws RpcError.
 */
export function expectRoomFor(logs: Iterable<Log>, { maxResponseLength }: Pick<RpcLimits, 'maxResponseLength'>): void {
  let length = 0
  for (const log of logs) length += leastLogLength(log)
  if (length > maxResponseLength) throw responseTooLarge(maxResponseLength)
}

export interface ReceiptPlace {
  readonly header: Header
  readonly blockHash: Uint8Array
  readonly index: number
  /** Position of its first log among all logs of the block. */
  readonly firstLog: number
  /** Of the transaction; null for a creation. */
  readonly to: Uint8Array | null
}

export type ReceiptView = Readonly<Record<string, unknown>>

export function receiptView(record: ReceiptRecord, place: ReceiptPlace): ReceiptView {
  const { receipt, failure } = record
  return {
    transactionHash: toHex(record.transactionHash),
    transactionIndex: countToQuantity(place.index),
    blockHash: toHex(place.blockHash),
    blockNumber: toQuantity(place.header.number),
    from: toHex(record.sender),
    to: place.to === null ? null : toHex(place.to),
    contractAddress: record.contractAddress === null ? null : toHex(record.contractAddress),
    cumulativeGasUsed: toQuantity(receipt.cumulativeGasUsed),
    gasUsed: toQuantity(record.gasUsed),
    effectiveGasPrice: toQuantity(record.effectiveGasPrice),
    logs: locateLogs(record, place).map(logView),
    logsBloom: toHex(receipt.logsBloom),
    type: countToQuantity(receipt.type),
    status: countToQuantity(receipt.status),
    failure:
      failure === null
        ? null
        : {
            message: failure.message,
            revertData: failure.revertData === null ? null : toHex(failure.revertData),
          },
  }
}

export function locateLogs(record: ReceiptRecord, place: ReceiptPlace): readonly LocatedLog[] {
  return record.receipt.logs.map((log, offset) => ({
    log,
    blockNumber: place.header.number,
    blockHash: place.blockHash,
    transactionHash: record.transactionHash,
    transactionIndex: place.index,
    logIndex: place.firstLog + offset,
  }))
}
