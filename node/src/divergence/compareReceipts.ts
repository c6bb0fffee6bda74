/** Receipts and other results of execution, compared field by field so that what differs can be named. */
import { equalBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import type { Log } from '../types/log.ts'
import type { ReceiptRecord } from '../types/receipt.ts'

export interface FieldDifference {
  /** Such as `gas used` or `logs[2].topics[0]`. */
  readonly field: string
  readonly expected: string
  readonly got: string
}

type Value = bigint | number | Uint8Array | null

/** Null when equal. */
export function compareField(field: string, expected: Value, got: Value): FieldDifference | null {
  const same =
    expected instanceof Uint8Array && got instanceof Uint8Array ? equalBytes(expected, got) : expected === got
  return same ? null : { field, expected: shown(expected), got: shown(got) }
}

/**
 * Everything of a receipt but the sentence that says why a transaction failed: it is for people and may be put better
 * in a later version. Of the logs, the first difference.
 */
export function receiptDifferences(expected: ReceiptRecord, got: ReceiptRecord): FieldDifference[] {
  return [
    compareField('transaction hash', expected.transactionHash, got.transactionHash),
    compareField('sender', expected.sender, got.sender),
    compareField('type', expected.receipt.type, got.receipt.type),
    compareField('status', expected.receipt.status, got.receipt.status),
    compareField('gas used', expected.gasUsed, got.gasUsed),
    compareField('cumulative gas used', expected.receipt.cumulativeGasUsed, got.receipt.cumulativeGasUsed),
    compareField('effective gas price', expected.effectiveGasPrice, got.effectiveGasPrice),
    compareField('contract address', expected.contractAddress, got.contractAddress),
    compareLogs(expected.receipt.logs, got.receipt.logs),
    compareField('logs bloom', expected.receipt.logsBloom, got.receipt.logsBloom),
    compareField('failed', expected.failure === null ? 0 : 1, got.failure === null ? 0 : 1),
    compareField('revert data', expected.failure?.revertData ?? null, got.failure?.revertData ?? null),
  ].filter((difference) => difference !== null)
}

function compareLogs(expected: readonly Log[], got: readonly Log[]): FieldDifference | null {
  for (const [index, log] of expected.entries()) {
    const other = got[index]
    if (other === undefined) break
    const field = `logs[${index}]`
    const difference =
      compareField(`${field}.address`, log.address, other.address) ??
      compareTopics(field, log.topics, other.topics) ??
      compareField(`${field}.data`, log.data, other.data)
    if (difference !== null) return difference
  }
  return compareField('number of logs', expected.length, got.length)
}

function compareTopics(
  field: string,
  expected: readonly Uint8Array[],
  got: readonly Uint8Array[],
): FieldDifference | null {
  for (const [index, topic] of expected.entries()) {
    const difference = compareField(`${field}.topics[${index}]`, topic, got[index] ?? null)
    if (difference !== null) return difference
  }
  return compareField(`${field}: number of topics`, expected.length, got.length)
}

/** Enough to see where long bytes differ from others; whole roots and addresses. */
const MAX_SHOWN_BYTES = 64

function shown(value: Value): string {
  if (value === null) return 'none'
  if (!(value instanceof Uint8Array)) return String(value)
  if (value.length <= MAX_SHOWN_BYTES) return toHex(value)
  return `${toHex(value.subarray(0, MAX_SHOWN_BYTES))}… (${value.length} bytes)`
}
