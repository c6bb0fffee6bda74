import { toQuantity } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { callMessageOf, stateOverrides, transactionRequest } from '../../decode/callMessage.ts'
import { failedCall } from '../../errors.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'

/** eth_estimateGas: a gas limit with which the transaction succeeds, little above the least. */
export const estimateGas = defineMethod({
  name: 'eth_estimateGas',
  kind: 'read',
  params: [
    required('transaction', transactionRequest),
    withDefault('block', blockReference, 'latest'),
    withDefault('stateOverrides', stateOverrides, []),
  ],
  async handle({ backend, caller }, request, block, overrides) {
    const outcome = await backend.chain.estimateGas(callMessageOf(request), block, overrides, clientOf(caller))
    if (outcome.kind !== 'success') throw failedCall(outcome)
    return toQuantity(outcome.gas)
  },
})
