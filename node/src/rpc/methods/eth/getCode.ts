import { toHex } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'

/** eth_getCode: code as the chain stores it (docs/protocol/artifacts.md, "Code"). */
export const getCode = defineMethod({
  name: 'eth_getCode',
  kind: 'read',
  params: [required('address', address), withDefault('block', blockReference, 'latest')],
  async handle({ backend }, account, block) {
    return toHex(await backend.chain.code(account, block))
  },
})
