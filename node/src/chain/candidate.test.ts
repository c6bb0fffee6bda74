import { describe, expect, it } from 'vitest'
import type { ReceiptRecord } from '../types/receipt.ts'
import { keptReceipts } from './candidate.ts'
import { MAX_BLOCK_BYTES, MAX_KEPT_FAILURE_TEXT, MAX_KEPT_REVERT_DATA } from './limits.ts'
import { encodeReceiptRecords } from './records.ts'

const record = (failure: ReceiptRecord['failure']): ReceiptRecord => ({
  receipt: { type: 2, status: 0, cumulativeGasUsed: 27_000n, logsBloom: new Uint8Array(256), logs: [] },
  transactionHash: new Uint8Array(32),
  sender: new Uint8Array(20),
  contractAddress: null,
  gasUsed: 27_000n,
  effectiveGasPrice: 1n,
  failure,
})
const kept = (message: string, revertData: Uint8Array | null): ReceiptRecord['failure'] =>
  keptReceipts([record({ message, revertData })])[0]!.failure

describe('kept receipts', () => {
  it('keep what is short as it is', () => {
    const data = new Uint8Array(MAX_KEPT_REVERT_DATA).fill(7)
    expect(kept('x'.repeat(MAX_KEPT_FAILURE_TEXT), data)).toEqual({
      message: 'x'.repeat(MAX_KEPT_FAILURE_TEXT),
      revertData: data,
    })
    expect(kept('out of gas', null)).toEqual({ message: 'out of gas', revertData: null })
    expect(keptReceipts([record(null)])).toEqual([record(null)])
  })
  it('cut revert data', () => {
    const data = Uint8Array.from({ length: MAX_KEPT_REVERT_DATA + 1 }, (_, i) => i)
    expect(kept('reverted', data)?.revertData).toEqual(data.subarray(0, MAX_KEPT_REVERT_DATA))
  })
  it.each(['x', 'é', '日', '😀'])('cut the sentence by its bytes and between letters: %s', (letter) => {
    const message = kept(letter.repeat(MAX_KEPT_FAILURE_TEXT + 1), null)!.message
    const bytes = new TextEncoder().encode(message).length
    expect(bytes).toBeLessThanOrEqual(MAX_KEPT_FAILURE_TEXT)
    expect(bytes).toBeGreaterThan(MAX_KEPT_FAILURE_TEXT - 4)
    expect([...message.slice(0, -3)].every((kept) => kept === letter)).toBe(true)
    expect(message.endsWith('...')).toBe(true)
  })
  it('of a block full of failures are less than a block may be', () => {
    const failures = new Array(Math.floor(30_000_000 / 27_000)).fill(
      record({ message: '日'.repeat(2_000), revertData: new Uint8Array(1_000_000) }),
    )
    expect(encodeReceiptRecords(keptReceipts(failures)).length).toBeLessThan(MAX_BLOCK_BYTES)
  })
})
