import { toQuantity } from '../../../codec/hex.ts'
import { blockOverrides } from '../../decode/blockOverrides.ts'
import { blockOrPending } from '../../decode/blockReference.ts'
import { stateOverrides, transactionRequest } from '../../decode/callMessage.ts'
import { failedCall } from '../../errors.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { callOf, callReference } from '../../reading/callRequest.ts'

/**
 * eth_estimateGas: a gas limit with which the transaction succeeds, little above the least. It is asked in order to send,
 * so it runs in the next block, also under `latest`, which some libraries say without being told to.
 */
export const estimateGas = defineMethod({
  name: 'eth_estimateGas',
  kind: 'read',
  params: [
    required('transaction', transactionRequest),
    withDefault('block', blockOrPending, 'pending'),
    withDefault('stateOverrides', stateOverrides, []),
    withDefault('blockOverrides', blockOverrides, {}),
  ],
  async handle({ backend, caller }, request, block, overrides, ofBlock) {
    const message = callOf(backend, request)
    const at = callReference(backend, block === 'latest' ? 'pending' : block)
    const outcome = await backend.chain.estimateGas(message, at, overrides, clientOf(caller), ofBlock)
    if (outcome.kind !== 'success') throw failedCall(outcome)
    return toQuantity(outcome.gas)
  },
})
