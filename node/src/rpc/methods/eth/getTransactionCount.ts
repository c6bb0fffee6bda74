import { toQuantity } from '../../../codec/hex.ts'
import { blockOrPending } from '../../decode/blockReference.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { nextNonce } from '../../reading/nextNonce.ts'
import { QUANTITY } from '../../schema/schema.ts'

/** eth_getTransactionCount: the account's nonce; with `pending`, that after its executable transactions in the pool. */
export const getTransactionCount = defineMethod({
  name: 'eth_getTransactionCount',
  kind: 'read',
  summary: 'the nonce; with `pending`, after the executable transactions in the pool',
  result: QUANTITY,
  params: [required('address', address), withDefault('block', blockOrPending, 'latest')],
  async handle({ backend, sendHold }, account, block) {
    if (block === 'pending') {
      sendHold.noteNonceAsked(account)
      return toQuantity(await nextNonce(backend, account))
    }
    return toQuantity((await backend.chain.account(account, block))?.nonce ?? 0n)
  },
})
