import { toHex, toQuantity } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { HASH, nullable, QUANTITY, record } from '../../schema/schema.ts'

/** eth_getAccount: the account as the state has it. Null when it does not exist. */
export const getAccount = defineMethod({
  name: 'eth_getAccount',
  kind: 'read',
  summary: 'balance, nonce, code hash and storage root; null when the account does not exist',
  differs: 'geth does not have it',
  result: nullable(record({ balance: QUANTITY, nonce: QUANTITY, codeHash: HASH, storageRoot: HASH })),
  params: [required('address', address), withDefault('block', blockReference, 'latest')],
  async handle({ backend }, account, block) {
    const found = await backend.chain.account(account, block)
    if (found === null) return null
    return {
      balance: toQuantity(found.balance),
      nonce: toQuantity(found.nonce),
      codeHash: toHex(found.codeHash),
      storageRoot: toHex(found.storageRoot),
    }
  },
})
