import { toHex } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { callMessageOf, stateOverrides, transactionRequest } from '../../decode/callMessage.ts'
import { failedCall } from '../../errors.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'

/** eth_call: what the call would return, on the state after a block. */
export const call = defineMethod({
  name: 'eth_call',
  kind: 'read',
  params: [
    required('transaction', transactionRequest),
    withDefault('block', blockReference, 'latest'),
    withDefault('stateOverrides', stateOverrides, []),
  ],
  async handle({ backend, caller }, request, block, overrides) {
    const outcome = await backend.chain.call(callMessageOf(request), block, overrides, clientOf(caller))
    if (outcome.kind !== 'success') throw failedCall(outcome)
    return toHex(outcome.output)
  },
})
