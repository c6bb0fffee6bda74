/**
 * Whether a transaction may come into a pool, as far as its bytes and its sender's account say, and whose fault it is
 * if not.
 */
import { ChainError } from '../chain/chainService.ts'
import { CodecError } from '../codec/codecError.ts'
import {
  checkWithAccount,
  checkWithoutState,
  feeCap,
  maximumCost,
  type SenderAccount,
} from '../execution/checkTransaction.ts'
import type { NextHeader } from '../execution/dev/nextHeader.ts'
import { MAX_DEV_BLOCK_GAS_LIMIT } from '../execution/limits.ts'
import { type TransactionErrorCode, transactionErrors } from '../execution/transactionErrors.ts'
import type { Genesis } from '../types/genesis.ts'
import { isDevTransaction, type Transaction, type TransactionEnvelope } from '../types/transaction.ts'
import { decodeTransaction } from '../types/transactionCodec.ts'
import { HOPELESS_FEE_DIVISOR } from './limits.ts'
import type { AddOutcome, Standing, TxPoolErrorCode } from './txpoolView.ts'

export type Refusal = Extract<AddOutcome, { ok: false }>

export function refuse(code: TxPoolErrorCode, message: string, standing: Standing): Refusal {
  return { ok: false, code, message, standing }
}

/** Of an error of a question to the chain: it is too busy. @throws any other, as that is a fault of this node. */
export function refuseUnanswered(error: unknown, check: string): Refusal {
  if (!(error instanceof ChainError)) throw error
  return refuse('pool-full', `txpool cannot ${check} now: ${error.message}`, 'unfit')
}

export function isHopeless(outcome: AddOutcome): boolean {
  return !outcome.ok && outcome.standing === 'hopeless'
}

/**
 * Decodes over views of `raw`, and checks all that is the same on every node at every block but the signature. A refusal is
 * the fault of the sender of the bytes. `gasLimit` is the next block's, for words.
 */
export function decodeChecked(
  raw: Uint8Array,
  maxBytes: number,
  genesis: Pick<Genesis, 'chainId' | 'gasLimit' | 'dev'>,
  gasLimit: bigint,
): TransactionEnvelope | Refusal {
  const fault = (code: TxPoolErrorCode, message: string) => refuse(code, message, 'fault')
  if (raw.length > maxBytes) {
    return fault('too-large', `oversized data: transaction size ${raw.length}, limit ${maxBytes}`)
  }
  let envelope: TransactionEnvelope
  try {
    envelope = decodeTransaction(raw)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    if (error.code === 'unsupported-type') {
      return fault('unsupported-type', `transaction type not supported: ${error.message}`)
    }
    if (error.code === 'bad-signature') return fault('invalid-signature', `invalid sender: ${error.message}`)
    return fault('malformed', `malformed transaction: ${error.message}`)
  }
  if (isDevTransaction(envelope.transaction) && genesis.dev === undefined) {
    return fault('dev-unauthorized', transactionErrors.noDevMode().message)
  }
  const error = checkWithoutState(envelope.transaction, mostGas(genesis), genesis.chainId)
  if (error === null) return envelope
  if (error.code !== 'gas-over-block-limit') return fault(poolCode(error.code), error.message)
  // In dev mode it was held against the limit of any block there could be.
  const { code, message } = transactionErrors.gasOverBlockLimit(envelope.transaction.gasLimit, gasLimit)
  return fault(poolCode(code), message)
}

/** The gas limit above which no block can ever have a transaction. */
function mostGas({ gasLimit, dev }: Pick<Genesis, 'gasLimit' | 'dev'>): bigint {
  return dev === undefined || gasLimit > MAX_DEV_BLOCK_GAS_LIMIT ? gasLimit : MAX_DEV_BLOCK_GAS_LIMIT
}

/**
 * For what a peer sends, before its signature is recovered: an author of a made-up signature makes up its sender, who
 * need not be able to pay. Null when the fee may be enough one day soon.
 */
export function refuseHopelessFee(transaction: Transaction, baseFee: bigint): Refusal | null {
  const cap = feeCap(transaction)
  if (cap * HOPELESS_FEE_DIVISOR >= baseFee) return null
  return refuse('fee-below-base-fee', transactionErrors.feeBelowBaseFee(cap, baseFee).message, 'hopeless')
}

/**
 * By the sender's account and the next block. Null also for a nonce that is ahead. `mayWait`: the pool has acknowledged it
 * before, and lets it wait for its fee and for funds; not for a block with more gas, as none need come.
 */
export function refuseNow(
  transaction: Transaction,
  account: SenderAccount,
  next: NextHeader,
  mayWait: boolean,
): Refusal | null {
  if (transaction.gasLimit > next.gasLimit) {
    const { code, message } = transactionErrors.gasOverBlockLimit(transaction.gasLimit, next.gasLimit)
    return refuse(poolCode(code), message, 'unfit')
  }
  const error = checkWithAccount(transaction, account, next.baseFeePerGas)
  if (error === null || error.code === 'nonce-too-high') return null
  // These come last, in this order, so all else is right.
  if (mayWait && (error.code === 'fee-below-base-fee' || error.code === 'insufficient-funds')) return null
  const cannotPay =
    error.code === 'insufficient-funds' ||
    error.code === 'sender-has-code' ||
    // That the fee is outdated is nobody's fault; that the sender has nothing is no matter of the fee.
    (error.code === 'fee-below-base-fee' && account.balance < maximumCost(transaction))
  return refuse(poolCode(error.code), error.message, cannotPay ? 'hopeless' : 'unfit')
}

/** One code is given when a block is full, which these checks do not ask about. */
function poolCode(code: TransactionErrorCode): TxPoolErrorCode {
  if (code === 'block-gas-exhausted' || code === 'dev-not-first') throw new Error('a check gave an answer of execution')
  return code
}

/** Undecodable bytes sort as nonce 0; adding them refuses them later. */
export function nonceOf(raw: Uint8Array): bigint {
  try {
    return decodeTransaction(raw).transaction.nonce
  } catch (error) {
    if (error instanceof CodecError) return 0n
    throw error
  }
}
