import { toQuantity } from '../../../codec/hex.ts'
import { blockOverrides } from '../../decode/blockOverrides.ts'
import { blockOrPending } from '../../decode/blockReference.ts'
import { stateOverrides, transactionRequest } from '../../decode/callMessage.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { callOf, callReference } from '../../reading/callRequest.ts'
import { ACCESS_LIST } from '../../schema/chainObjects.ts'
import { QUANTITY, record, TEXT } from '../../schema/schema.ts'
import { accessListView } from '../../views/transaction.ts'

/** eth_createAccessList: EIP-2930. Asked in order to send, so it runs in the next block, as an estimate does. */
export const createAccessList = defineMethod({
  name: 'eth_createAccessList',
  kind: 'read',
  pace: 'slow',
  summary:
    'the accounts and slots the transaction touches, as an access list, and the gas it uses with that list; `error` where it fails',
  differs:
    '`latest` means the next block, as in `eth_estimateGas`; the coinbase, which is warm for nothing, is not listed',
  result: record({ accessList: ACCESS_LIST, gasUsed: QUANTITY }, { error: TEXT }),
  params: [
    required('transaction', transactionRequest),
    withDefault('block', blockOrPending, 'pending'),
    withDefault('stateOverrides', stateOverrides, []),
    withDefault('blockOverrides', blockOverrides, {}),
  ],
  async handle({ backend, caller }, request, block, overrides, ofBlock) {
    const message = callOf(backend, request)
    const at = callReference(backend, block === 'latest' ? 'pending' : block)
    const outcome = await backend.chain.createAccessList(clientOf(caller), message, at, overrides, ofBlock)
    const { accessList, gasUsed, failure } = outcome
    return {
      accessList: accessListView(accessList),
      gasUsed: toQuantity(gasUsed),
      ...(failure === null ? {} : { error: failure }),
    }
  },
})
