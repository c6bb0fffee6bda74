import { toHex } from '../../../codec/hex.ts'
import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { DATA, nullable } from '../../schema/schema.ts'

/** debug_codeByHash: what an account holds whose code hash is this. */
export const codeByHash = defineMethod({
  name: 'debug_codeByHash',
  kind: 'read',
  summary: 'the code whose keccak256 is given, of any account at any height; null when this node has none',
  differs: 'takes no block: codes are kept by their hashes for good',
  result: nullable(DATA),
  params: [required('hash', hash)],
  async handle({ backend }, codeHash) {
    const code = await backend.chain.codeByHash(codeHash)
    return code === null ? null : toHex(code)
  },
})
