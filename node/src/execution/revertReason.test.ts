import { encodeErrorResult } from 'viem'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../codec/hex.ts'
import { MAX_FAILURE_TEXT } from './limits.ts'
import { fromCall, revertMessage, revertOrigin, revertReason, withoutPrefix } from './revertReason.ts'

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
    expect(revertMessage(data('Panic', 0x11n))).toBe(
      'execution reverted: arithmetic underflow or overflow (panic 0x11)',
    )
    expect(revertMessage(data('Panic', 0x99n))).toBe(
      'execution reverted: a code that Solidity does not know (panic 0x99)',
    )
  })
  it('gives the selector of custom errors and of what is wrong, and nothing of less than four bytes', () => {
    expect(revertMessage(data('Custom', 1n))).toBe('execution reverted: custom error 0xcb362b34')
    expect(revertMessage(new Uint8Array(0))).toBe('execution reverted')
    expect(revertMessage(fromHex('0x08c379'))).toBe('execution reverted')
    const wrong = 'execution reverted: custom error 0x08c379a0'
    expect(revertMessage(fromHex('0x08c379a0'))).toBe(wrong)
    expect(revertMessage(fromHex(`0x08c379a0${'ff'.repeat(64)}`))).toBe(wrong)
    expect(revertMessage(data('Error', 'cut').subarray(0, 70))).toBe(wrong)
  })
  it('knows every panic of Solidity', () => {
    const words = [0x00, 0x01, 0x11, 0x12, 0x21, 0x22, 0x31, 0x32, 0x41, 0x51].map((code) =>
      revertReason(data('Panic', BigInt(code))),
    )
    expect(words[1]).toBe('assertion failed (panic 0x01)')
    expect(words.filter((text) => text?.includes('does not know'))).toEqual([])
  })
  it('guesses at a function that is not payable where there was value and no reason', () => {
    // viem shows what comes behind `execution reverted: ` as the reason, so this has to read as one.
    expect(revertMessage(new Uint8Array(0), 5n)).toMatch(/^execution reverted: no reason given; 5 wei came with it/)
    expect(revertMessage(data('Custom', 1n), 5n)).toBe('execution reverted: custom error 0xcb362b34')
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

describe('a message', () => {
  it('names the call that the data comes from', () => {
    const address = `0x${'ab'.repeat(20)}`
    expect(revertOrigin(`execution reverted: custom error 0xcb362b34${fromCall(address)}`)).toBe(address)
    expect(revertOrigin(`execution reverted: I say${fromCall(address)} and more`)).toBeNull()
    expect(revertOrigin('execution reverted')).toBeNull()
  })
  it('goes on behind the name of what failed', () => {
    expect(withoutPrefix('execution reverted')).toBe('it reverted without a reason')
    expect(withoutPrefix('execution reverted: no')).toBe('no')
    expect(withoutPrefix('execution reverted (before that, x)')).toBe('it reverted (before that, x)')
    expect(withoutPrefix('execution failed: out of gas')).toBe('out of gas')
    expect(withoutPrefix('out of gas')).toBe('out of gas')
  })
})
