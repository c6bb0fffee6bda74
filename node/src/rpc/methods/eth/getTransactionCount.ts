import { toQuantity } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import type { Decoder } from '../../decode/decoder.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { nextNonce } from '../../nextNonce.ts'

/** Here, and only here, `pending` differs from `latest`. */
const blockOrPending: Decoder<'pending' | ReturnType<typeof blockReference>> = (value, at) =>
  value === 'pending' ? value : blockReference(value, at)

/** eth_getTransactionCount: the account's nonce; with `pending`, that after its executable transactions in the pool. */
export const getTransactionCount = defineMethod({
  name: 'eth_getTransactionCount',
  kind: 'read',
  params: [required('address', address), withDefault('block', blockOrPending, 'latest')],
  async handle({ backend, sendHold }, account, block) {
    if (block === 'pending') {
      sendHold.noteNonceAsked(account)
      return toQuantity(await nextNonce(backend, account))
    }
    return toQuantity((await backend.chain.account(account, block))?.nonce ?? 0n)
  },
})
