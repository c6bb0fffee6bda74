import { describe, expect, it } from 'vitest'
import type { Transaction } from '../types/transaction.ts'
import { checkTransaction, type SenderAccount } from './checkTransaction.ts'
import { MAX_INIT_CODE_BYTES } from './limits.ts'

const base = {
  type: 2,
  chainId: 31_337n,
  nonce: 5n,
  gasLimit: 21_000n,
  to: new Uint8Array(20),
  value: 100n,
  data: new Uint8Array(0),
  accessList: [],
  maxFeePerGas: 10n,
  maxPriorityFeePerGas: 2n,
  r: 1n,
  s: 1n,
  yParity: 0,
} as const satisfies Transaction

const account: SenderAccount = { nonce: 5n, balance: 210_100n }

const check = (
  change: Partial<Record<keyof Transaction | 'gasPrice' | 'maxFeePerGas' | 'maxPriorityFeePerGas', unknown>>,
  sender = account,
) => {
  const transaction = { ...base, ...change } as Transaction
  return checkTransaction(
    { transaction, raw: new Uint8Array(0), hash: new Uint8Array(32) },
    sender,
    7n,
    1_000_000_000n,
    31_337n,
  )
}

describe('checkTransaction', () => {
  it('passes a transaction that can just be paid', () => {
    expect(check({})).toBeNull()
  })

  // The words are matched by viem and ethers: see docs/protocol/rpc.md.
  const refused: [string, Parameters<typeof check>, string, string][] = [
    [
      'without a chain id',
      [{ type: 0, gasPrice: 10n, chainId: null }],
      'wrong-chain-id',
      'only replay-protected (EIP-155) transactions allowed over RPC',
    ],
    ['for another chain', [{ chainId: 1n }], 'wrong-chain-id', 'invalid chain id for signer: have 1 want 31337'],
    [
      'whose tip is above its cap',
      [{ maxPriorityFeePerGas: 11n }],
      'tip-above-fee-cap',
      'max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: 11, maxFeePerGas: 10',
    ],
    [
      'with more gas than a block',
      [{ gasLimit: 1_000_000_001n }],
      'gas-over-block-limit',
      'intrinsic gas too high: gas limit 1000000001 exceeds the block gas limit 1000000000',
    ],
    [
      'with too little gas',
      [{ gasLimit: 20_999n }],
      'intrinsic-gas-too-low',
      'intrinsic gas too low: have 20999, want 21000',
    ],
    [
      'whose nonce was used',
      [{}, { ...account, nonce: 7n }],
      'nonce-too-low',
      'nonce too low: next nonce 7, tx nonce 5',
    ],
    ['from the future', [{ nonce: 9n }], 'nonce-too-high', 'nonce too high: next nonce 5, tx nonce 9'],
    [
      'at the end of all nonces',
      [{ nonce: 2n ** 64n - 1n }],
      'nonce-too-high',
      'nonce has max value: tx nonce 18446744073709551615',
    ],
    [
      'below the base fee',
      [{ maxFeePerGas: 6n }],
      'fee-below-base-fee',
      'max fee per gas less than block base fee: maxFeePerGas: 6, baseFee: 7',
    ],
    [
      'one wei short',
      [{}, { ...account, balance: 210_099n }],
      'insufficient-funds',
      'insufficient funds for gas * price + value: have 210099, want 210100',
    ],
    [
      'from a contract',
      [{}, { ...account, hasCode: true }],
      'sender-has-code',
      'sender not an eoa: an account with code cannot send transactions (EIP-3607)',
    ],
  ]
  for (const [name, args, code, message] of refused) {
    it(`refuses one ${name}`, () => {
      expect(check(...args)).toEqual({ code, message })
    })
  }

  it('refuses oversized init code, but not oversized data', () => {
    const data = new Uint8Array(MAX_INIT_CODE_BYTES + 1)
    const rich = { ...account, balance: 10n ** 18n }
    expect(check({ to: null, data, gasLimit: 10_000_000n }, rich)?.code).toBe('init-code-too-large')
    expect(check({ data, gasLimit: 10_000_000n }, rich)).toBeNull()
    expect(check({ to: null, data: data.subarray(1), gasLimit: 10_000_000n }, rich)).toBeNull()
  })

  it('reports a nonce gap only when nothing else is wrong, so that a pool can queue', () => {
    expect(check({ nonce: 9n }, { ...account, balance: 0n })?.code).toBe('insufficient-funds')
  })

  it('takes the gas price of types 0 and 1 for both caps', () => {
    expect(check({ type: 1, gasPrice: 10n })).toBeNull()
    expect(check({ type: 0, gasPrice: 6n })?.code).toBe('fee-below-base-fee')
  })
})
