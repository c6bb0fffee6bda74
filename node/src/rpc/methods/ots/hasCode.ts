import { blockReference } from '../../decode/blockReference.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { hasCode as has } from '../../reading/otterscan.ts'
import { BOOLEAN } from '../../schema/schema.ts'

/** ots_hasCode: whether an account is a contract. */
export const hasCode = defineMethod({
  name: 'ots_hasCode',
  kind: 'read',
  summary: 'whether an account has code',
  result: BOOLEAN,
  params: [required('address', address), withDefault('block', blockReference, 'latest')],
  async handle({ backend }, account, at) {
    return has(await backend.chain.account(account, at))
  },
})
