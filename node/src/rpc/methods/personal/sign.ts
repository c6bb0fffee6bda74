import { toHex } from '../../../codec/hex.ts'
import { personalMessageHash } from '../../accounts/personalMessage.ts'
import { signatureBy } from '../../accounts/signing.ts'
import { anything } from '../../decode/decoder.ts'
import { address, data } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { dataOf } from '../../schema/schema.ts'

const name = 'personal_sign'

/**
 * personal_sign: eth_sign with its parameters the other way round. A password is taken and not looked at: no key has one.
 */
export const sign = defineMethod({
  name,
  kind: 'sign',
  summary: 'the same as `eth_sign`, message first',
  differs: "a devnet's own accounts only, which have no password",
  result: dataOf(65),
  params: [required('message', data), required('address', address), withDefault('password', anything, null)],
  handle: (context, message, signer, _password) =>
    toHex(signatureBy(name, context, signer, personalMessageHash(message))),
})
