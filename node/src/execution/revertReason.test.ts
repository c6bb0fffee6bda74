import { encodeErrorResult } from 'viem'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../codec/hex.ts'
import { MAX_FAILURE_TEXT } from './limits.ts'
import { revertMessage } from './revertReason.ts'

const abi = [
  { type: 'error', name: 'Error', inputs: [{ name: 'reason', type: 'string' }] },
  { type: 'error', name: 'Panic', inputs: [{ name: 'code', type: 'uint256' }] },
  { type: 'error', name: 'Custom', inputs: [{ name: 'x', type: 'uint256' }] },
] as const

const data = (errorName: 'Error' | 'Panic' | 'Custom', arg: string | bigint) =>
  fromHex(encodeErrorResult({ abi, errorName, args: [arg] } as Parameters<typeof encodeErrorResult>[0]))

describe('revertMessage', () => {
  it('reads Error(string) and Panic(uint256)', () => {
    expect(revertMessage(data('Error', 'not enough é'))).toBe('execution reverted: not enough é')
    expect(revertMessage(data('Panic', 0x11n))).toBe('execution reverted: panic 0x11: arithmetic underflow or overflow')
    expect(revertMessage(data('Panic', 0x99n))).toBe('execution reverted: panic 0x99: unknown code')
  })
  it('leaves custom errors and garbage alone', () => {
    const plain = 'execution reverted'
    expect(revertMessage(data('Custom', 1n))).toBe(plain)
    expect(revertMessage(new Uint8Array(0))).toBe(plain)
    expect(revertMessage(fromHex('0x08c379a0'))).toBe(plain)
    expect(revertMessage(fromHex(`0x08c379a0${'ff'.repeat(64)}`))).toBe(plain)
    expect(revertMessage(data('Error', 'cut').subarray(0, 70))).toBe(plain)
  })
  it('cuts a text without end', () => {
    const message = revertMessage(data('Error', 'x'.repeat(100_000)))
    expect(message).toHaveLength(20 + MAX_FAILURE_TEXT)
    expect(message).toMatch(/x…$/)
    // Letters of three bytes are cut at the same number of them.
    expect(revertMessage(data('Error', '€'.repeat(100_000)))).toBe(
      `execution reverted: ${'€'.repeat(MAX_FAILURE_TEXT - 1)}…`,
    )
  })
})
