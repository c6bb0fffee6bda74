import { toQuantity } from '../../../codec/hex.ts'
import { blockOverrides } from '../../decode/blockOverrides.ts'
import { blockOrPending } from '../../decode/blockReference.ts'
import { stateOverrides, transactionRequest } from '../../decode/callMessage.ts'
import { failedCall } from '../../errors.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { callOf, callReference } from '../../reading/callRequest.ts'
import { QUANTITY } from '../../schema/schema.ts'

/**
 * eth_estimateGas: a gas limit with which the transaction succeeds, little above the least. It is asked in order to send,
 * so it runs in the next block, also under `latest`, which some libraries say without being told to.
 */
export const estimateGas = defineMethod({
  name: 'eth_estimateGas',
  kind: 'read',
  pace: 'slow',
  summary: 'a gas limit that suffices, at most 1.5 % above the least that does',
  differs:
    '`latest` means the next block, as it is asked in order to send; never below what the unbounded run spent, and a run in which more nested calls fail than with all gas is no success; every code is loaded as if it were not warm; a root of a contract in fragments that names the zero address for each gives what one with addresses will cost',
  result: QUANTITY,
  params: [
    required('transaction', transactionRequest),
    withDefault('block', blockOrPending, 'pending'),
    withDefault('stateOverrides', stateOverrides, []),
    withDefault('blockOverrides', blockOverrides, {}),
  ],
  async handle({ backend, caller }, request, block, overrides, ofBlock) {
    const message = callOf(backend, request)
    const at = callReference(backend, block === 'latest' ? 'pending' : block)
    const outcome = await backend.chain.estimateGas(clientOf(caller), message, at, overrides, ofBlock)
    if (outcome.kind !== 'success') throw failedCall(outcome)
    return toQuantity(outcome.gas)
  },
})
