/**
 * Why a transaction cannot be included, and the words for it. The words are geth's, which viem's and ethers' error
 * matchers look for (docs/protocol/rpc.md, "Errors"); this file is the only place they are written.
 */

export type TransactionErrorCode =
  | 'wrong-chain-id'
  | 'tip-above-fee-cap'
  | 'gas-over-block-limit'
  | 'intrinsic-gas-too-low'
  | 'init-code-too-large'
  | 'sender-has-code'
  | 'nonce-too-low'
  | 'fee-below-base-fee'
  | 'insufficient-funds'
  | 'nonce-too-high'
  /** A dev transaction where the genesis allows none, or which another key than the controller's has signed. */
  | 'dev-unauthorized'
  /** A dev transaction that is in a block already: its nonce would not say so. */
  | 'dev-used'
  /** A dev transaction that can only be the first of its block. */
  | 'dev-not-first'
  /** It fits a block, but not in what is left of this one. Given by execution only. */
  | 'block-gas-exhausted'

export interface TransactionError {
  readonly code: TransactionErrorCode
  /** For people and for the clients' matchers. */
  readonly message: string
}

const error = (code: TransactionErrorCode, message: string): TransactionError => ({ code, message })

export const transactionErrors = {
  unprotected: (): TransactionError =>
    error('wrong-chain-id', 'only replay-protected (EIP-155) transactions allowed over RPC'),
  wrongChainId: (have: bigint, want: bigint): TransactionError =>
    error('wrong-chain-id', `invalid chain id for signer: have ${have} want ${want}`),
  tipAboveFeeCap: (tip: bigint, cap: bigint): TransactionError =>
    error(
      'tip-above-fee-cap',
      `max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: ${tip}, maxFeePerGas: ${cap}`,
    ),
  gasOverBlockLimit: (gas: bigint, limit: bigint): TransactionError =>
    error('gas-over-block-limit', `intrinsic gas too high: gas limit ${gas} exceeds the block gas limit ${limit}`),
  intrinsicGasTooLow: (have: bigint, want: bigint): TransactionError =>
    error('intrinsic-gas-too-low', `intrinsic gas too low: have ${have}, want ${want}`),
  initCodeTooLarge: (have: number, limit: number): TransactionError =>
    error('init-code-too-large', `max initcode size exceeded: code size ${have} limit ${limit}`),
  senderHasCode: (): TransactionError =>
    error('sender-has-code', 'sender not an eoa: an account with code cannot send transactions (EIP-3607)'),
  nonceTooLow: (next: bigint, have: bigint): TransactionError =>
    error('nonce-too-low', `nonce too low: next nonce ${next}, tx nonce ${have}`),
  nonceTooHigh: (next: bigint, have: bigint): TransactionError =>
    error('nonce-too-high', `nonce too high: next nonce ${next}, tx nonce ${have}`),
  nonceMax: (have: bigint): TransactionError => error('nonce-too-high', `nonce has max value: tx nonce ${have}`),
  feeBelowBaseFee: (cap: bigint, baseFee: bigint): TransactionError =>
    error('fee-below-base-fee', `max fee per gas less than block base fee: maxFeePerGas: ${cap}, baseFee: ${baseFee}`),
  insufficientFunds: (have: bigint, want: bigint): TransactionError =>
    error('insufficient-funds', `insufficient funds for gas * price + value: have ${have}, want ${want}`),
  noDevMode: (): TransactionError =>
    error(
      'dev-unauthorized',
      'dev transactions (type 0x7d) are not allowed on this chain: its genesis has no dev mode',
    ),
  notTheController: (): TransactionError =>
    error(
      'dev-unauthorized',
      'a dev transaction is signed by the controller that the genesis names, and by nobody else',
    ),
  devUsed: (): TransactionError => error('dev-used', 'this dev transaction is in a block already'),
  devNotFirst: (): TransactionError =>
    error('dev-not-first', 'a dev transaction that keeps a state or goes back to one is the first of its block'),
  blockGasExhausted: (gas: bigint, left: bigint): TransactionError =>
    error('block-gas-exhausted', `gas limit reached: the transaction may use ${gas}, the block has ${left} left`),
} as const
