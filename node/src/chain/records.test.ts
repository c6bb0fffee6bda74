import { expect, test } from 'vitest'
import { logsBloom } from '../types/bloom.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { decodeReceiptRecords, encodeReceiptRecords } from './records.ts'

/** Gas of a log without topics and data, and of a block. */
const LOG_GAS = 375
const BLOCK_GAS = 30_000_000

test('receipts of as many logs as a block has gas for come back as they were', () => {
  const log = { address: new Uint8Array(20).fill(3), topics: [], data: new Uint8Array(0) }
  const logs = Array.from({ length: BLOCK_GAS / LOG_GAS }, () => log)
  const record: ReceiptRecord = {
    receipt: { type: 2, status: 1, cumulativeGasUsed: BigInt(BLOCK_GAS), logsBloom: logsBloom([log]), logs },
    transactionHash: new Uint8Array(32).fill(1),
    sender: new Uint8Array(20).fill(2),
    contractAddress: null,
    gasUsed: BigInt(BLOCK_GAS),
    effectiveGasPrice: 7n,
    failure: null,
  }
  const none = { ...record, receipt: { ...record.receipt, logs: [], logsBloom: logsBloom([]) } }
  const failed: ReceiptRecord = { ...none, failure: { message: 'no', revertData: new Uint8Array(512) } }
  const [most, second, third, ...more] = decodeReceiptRecords(encodeReceiptRecords([record, none, failed]))
  expect(more).toEqual([])
  expect([second, third]).toEqual([none, failed])
  expect(most!.receipt.logs.length).toBe(logs.length)
  expect({ ...most, receipt: { ...most!.receipt, logs: most!.receipt.logs.slice(-2) } }).toEqual({
    ...record,
    receipt: { ...record.receipt, logs: [log, log] },
  })
})
