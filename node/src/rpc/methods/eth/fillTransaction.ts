import { toHex } from '../../../codec/hex.ts'
import { ZERO_ADDRESS } from '../../../types/headerCodec.ts'
import { encodeTransaction } from '../../../types/transactionCodec.ts'
import { transactionRequest } from '../../decode/callMessage.ts'
import { defineMethod, required } from '../../method.ts'
import { fillTransaction as fill } from '../../reading/fillTransaction.ts'
import { nextNonce } from '../../reading/nextNonce.ts'
import { FILLED_TRANSACTION } from '../../schema/results.ts'
import { transactionView } from '../../views/transaction.ts'

/** The signature of an unsigned transaction: JSON-RPC has no form without one. */
const NO_SIGNATURE = { r: 0n, s: 0n, yParity: 0 } as const

/**
 * eth_fillTransaction: the transaction with nonce, gas and fees filled in, ready to be signed, as geth does. viem asks
 * this first and so needs one call instead of five.
 */
export const fillTransaction = defineMethod({
  name: 'eth_fillTransaction',
  kind: 'read',
  pace: 'slow',
  summary: 'the transaction with nonce, gas and fees filled in, to be signed',
  differs: 'anvil does not have it',
  result: FILLED_TRANSACTION,
  params: [required('transaction', transactionRequest)],
  async handle(context, request) {
    const sender = request.from ?? ZERO_ADDRESS
    const [filled, nonce] = await Promise.all([
      fill(context, request),
      request.nonce ?? nextNonce(context.backend, sender),
    ])
    const envelope = encodeTransaction({ ...filled(nonce), ...NO_SIGNATURE })
    return { raw: toHex(envelope.raw), tx: transactionView({ ...envelope, sender }, null) }
  },
})
