import { toQuantity } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { QUANTITY } from '../../schema/schema.ts'

/** eth_getBalance: in wei. */
export const getBalance = defineMethod({
  name: 'eth_getBalance',
  kind: 'read',
  summary: 'wei',
  result: QUANTITY,
  params: [required('address', address), withDefault('block', blockReference, 'latest')],
  async handle({ backend }, account, block) {
    return toQuantity((await backend.chain.account(account, block))?.balance ?? 0n)
  },
})
