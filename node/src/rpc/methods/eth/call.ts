import { toHex } from '../../../codec/hex.ts'
import { blockOverrides } from '../../decode/blockOverrides.ts'
import { blockOrPending } from '../../decode/blockReference.ts'
import { stateOverrides, transactionRequest } from '../../decode/callMessage.ts'
import { failedCall } from '../../errors.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { callOf, callReference } from '../../reading/callRequest.ts'
import { DATA } from '../../schema/schema.ts'

/** eth_call: the result of the call in a block, on the state after it; with `pending`, in the next block. */
export const call = defineMethod({
  name: 'eth_call',
  kind: 'read',
  pace: 'slow',
  summary: 'the result of the call in a block, on the state after it; with `pending`, in the next block',
  differs: 'a trap is code 3 too, without `data`. `latest` runs in the newest block, as on geth',
  result: DATA,
  params: [
    required('transaction', transactionRequest),
    withDefault('block', blockOrPending, 'latest'),
    withDefault('stateOverrides', stateOverrides, []),
    withDefault('blockOverrides', blockOverrides, {}),
  ],
  async handle({ backend, caller }, request, block, overrides, ofBlock) {
    const message = callOf(backend, request)
    const at = callReference(backend, block)
    const outcome = await backend.chain.call(clientOf(caller), message, at, overrides, ofBlock)
    if (outcome.kind !== 'success') throw failedCall(outcome)
    return toHex(outcome.output)
  },
})
