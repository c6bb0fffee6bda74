/** Fills in the fields that a transaction request leaves out: gas, fees, type and nonce, as geth does. */
import { EMPTY_BYTES } from '../../codec/bytes.ts'
import type { EstimateOutcome } from '../../execution/call.ts'
import type { DevTransaction, Transaction } from '../../types/transaction.ts'
import type { UnsignedTransaction } from '../../types/transactionCodec.ts'
import type { TransactionRequest } from '../decode/callMessage.ts'
import { failedCall } from '../errors.ts'
import { clientOf } from '../origin.ts'
import { callOf, nextBlock, nextHeaderOf } from './callRequest.ts'
import type { RpcContext } from './context.ts'
import { suggestedTip } from './feeSuggestion.ts'

/**
 * All but the nonce, which is the last thing to be asked for: what is given is to be called with it.
 * @throws RpcError when the transaction would fail.
 */
export async function fillTransaction(
  context: RpcContext,
  request: TransactionRequest,
): Promise<(nonce: bigint) => UnsignedTransaction> {
  const { chain } = context.backend
  const message = callOf(context.backend, request)
  const [gasLimit, fees] = await Promise.all([
    request.gas ?? gasFor(chain.estimateGas(clientOf(context.caller), message, nextBlock(context.backend), [])),
    feesOf(context, request),
  ])
  return (nonce) => ({
    ...fees,
    chainId: chain.genesis.chainId,
    nonce,
    gasLimit,
    to: request.to ?? null,
    value: request.value ?? 0n,
    data: request.data ?? EMPTY_BYTES,
  })
}

async function gasFor(estimate: Promise<EstimateOutcome>): Promise<bigint> {
  const outcome = await estimate
  if (outcome.kind !== 'success') throw failedCall(outcome)
  return outcome.gas
}

type Fees<T> =
  T extends Exclude<Transaction, DevTransaction>
    ? Pick<T, Extract<keyof T, 'type' | 'accessList' | 'gasPrice' | 'maxFeePerGas' | 'maxPriorityFeePerGas'>>
    : never

/** The type and its fees: type 2 unless the request has a gas price or another type. */
async function feesOf(context: RpcContext, request: TransactionRequest): Promise<Fees<Transaction>> {
  const accessList = request.accessList ?? []
  const baseFee = nextHeaderOf(context.backend).baseFeePerGas
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
