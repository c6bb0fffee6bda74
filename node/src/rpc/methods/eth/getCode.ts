import { toHex } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { DATA } from '../../schema/schema.ts'

/** eth_getCode: code as the chain stores it (docs/protocol/artifacts.md, "Code"). */
export const getCode = defineMethod({
  name: 'eth_getCode',
  kind: 'read',
  summary: "the account's code as it is stored",
  differs: 'Wasm, not EVM code',
  result: DATA,
  params: [required('address', address), withDefault('block', blockReference, 'latest')],
  async handle({ backend }, account, block) {
    return toHex(await backend.chain.code(account, block))
  },
})
