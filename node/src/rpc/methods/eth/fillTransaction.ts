import type { EstimateOutcome } from '../../../chain/chainService.ts'
import { EMPTY_BYTES } from '../../../codec/bytes.ts'
import { toHex } from '../../../codec/hex.ts'
import { baseFeeAfter } from '../../../execution/baseFee.ts'
import { ZERO_ADDRESS } from '../../../types/headerCodec.ts'
import type { Transaction } from '../../../types/transaction.ts'
import { encodeTransaction } from '../../../types/transactionCodec.ts'
import { type TransactionRequest, transactionRequest } from '../../decode/callMessage.ts'
import { failedCall } from '../../errors.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { callOf, nextBlock } from '../../reading/callRequest.ts'
import type { RpcContext } from '../../reading/context.ts'
import { suggestedTip } from '../../reading/feeSuggestion.ts'
import { nextNonce } from '../../reading/nextNonce.ts'
import { FILLED_TRANSACTION } from '../../schema/results.ts'
import { transactionView } from '../../views/transaction.ts'

/** What is not signed yet, in the form of what is: JSON-RPC has no other. */
const NO_SIGNATURE = { r: 0n, s: 0n, yParity: 0 } as const

/**
 * eth_fillTransaction: the transaction with nonce, gas and fees filled in, ready to be signed, as geth does. viem asks
 * this first and so needs one call instead of five.
 */
export const fillTransaction = defineMethod({
  name: 'eth_fillTransaction',
  kind: 'read',
  summary: 'the transaction with nonce, gas and fees filled in, to be signed',
  differs: 'anvil does not have it',
  result: FILLED_TRANSACTION,
  params: [required('transaction', transactionRequest)],
  async handle(context, request) {
    const { chain } = context.backend
    const { chainId } = chain.genesis
    const message = callOf(context.backend, request)
    const sender = request.from ?? ZERO_ADDRESS
    const [nonce, gasLimit, fees] = await Promise.all([
      request.nonce ?? nextNonce(context.backend, sender),
      request.gas ?? gasFor(chain.estimateGas(message, nextBlock(context.backend), [], clientOf(context.caller))),
      feesOf(context, request),
    ])
    const envelope = encodeTransaction({
      ...fees,
      ...NO_SIGNATURE,
      chainId,
      nonce,
      gasLimit,
      to: request.to ?? null,
      value: request.value ?? 0n,
      data: request.data ?? EMPTY_BYTES,
    })
    return { raw: toHex(envelope.raw), tx: transactionView({ ...envelope, sender }, null) }
  },
})

async function gasFor(estimate: Promise<EstimateOutcome>): Promise<bigint> {
  const outcome = await estimate
  if (outcome.kind !== 'success') throw failedCall(outcome)
  return outcome.gas
}

type Fees<T> = T extends Transaction
  ? Pick<T, Extract<keyof T, 'type' | 'accessList' | 'gasPrice' | 'maxFeePerGas' | 'maxPriorityFeePerGas'>>
  : never

/** The type and its fees: type 2 unless the request has a gas price or another type. */
async function feesOf(context: RpcContext, request: TransactionRequest): Promise<Fees<Transaction>> {
  const { chain } = context.backend
  const accessList = request.accessList ?? []
  const baseFee = baseFeeAfter(chain.head().header, chain.genesis)
  const wantsGasPrice = request.gasPrice !== undefined || request.type === 0 || request.type === 1
  if (wantsGasPrice) {
    const gasPrice = request.gasPrice ?? baseFee + (await suggestedTip(context))
    const type = request.type ?? (accessList.length > 0 ? 1 : 0)
    return type === 0 ? { type, gasPrice } : { type: 1, gasPrice, accessList }
  }
  const suggested = request.maxPriorityFeePerGas ?? (await suggestedTip(context))
  // Room for the base fee to double, which takes six full blocks; as geth.
  const maxFeePerGas = request.maxFeePerGas ?? 2n * baseFee + suggested
  const maxPriorityFeePerGas = suggested < maxFeePerGas ? suggested : maxFeePerGas
  return { type: 2, maxFeePerGas, maxPriorityFeePerGas, accessList }
}
