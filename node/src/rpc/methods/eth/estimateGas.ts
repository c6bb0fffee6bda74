import { toQuantity } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { callMessageOf, stateOverrides, transactionRequest } from '../../decode/callMessage.ts'
import { failedCall } from '../../errors.ts'
import { defineMethod, required, withDefault } from '../../method.ts'

/** eth_estimateGas: the least gas limit with which the transaction succeeds. */
export const estimateGas = defineMethod({
  name: 'eth_estimateGas',
  params: [
    required('transaction', transactionRequest),
    withDefault('block', blockReference, 'latest'),
    withDefault('stateOverrides', stateOverrides, []),
  ],
  async handle({ backend }, request, block, overrides) {
    const outcome = await backend.chain.estimateGas(callMessageOf(request), block, overrides)
    if (outcome.kind !== 'success') throw failedCall(outcome)
    return toQuantity(outcome.gas)
  },
})
