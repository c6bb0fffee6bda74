import { toHex } from '../../../codec/hex.ts'
import { personalMessageHash } from '../../accounts/personalMessage.ts'
import { signatureBy } from '../../accounts/signing.ts'
import { address, data } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { dataOf } from '../../schema/schema.ts'

const name = 'eth_sign'

/**
 * eth_sign: a signature of a message to a person (EIP-191), as geth does; never of bare bytes, which may be a transaction.
 */
export const sign = defineMethod({
  name,
  kind: 'sign',
  summary: 'signature of a message, prefixed as EIP-191 says',
  differs: "a devnet's own accounts only",
  result: dataOf(65),
  params: [required('address', address), required('message', data)],
  handle: (context, signer, message) => toHex(signatureBy(name, context, signer, personalMessageHash(message))),
})
