import { toHex } from '../../../codec/hex.ts'
import { keccak256 } from '../../../crypto/keccak.ts'
import { data } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { HASH } from '../../schema/schema.ts'

/** web3_sha3: keccak256 of the bytes. */
export const sha3 = defineMethod({
  name: 'web3_sha3',
  kind: 'read',
  summary: 'keccak256',
  result: HASH,
  params: [required('data', data)],
  handle: (_context, bytes) => toHex(keccak256(bytes)),
})
