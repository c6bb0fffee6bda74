import { toHex } from '../../../codec/hex.ts'
import { signatureBy } from '../../accounts/signing.ts'
import { typedDataHash } from '../../accounts/typedData.ts'
import { typedData } from '../../accounts/typedDataDecoder.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { dataOf } from '../../schema/schema.ts'

const name = 'eth_signTypedData_v4'

/** eth_signTypedData_v4: a signature of a typed value (EIP-712). */
export const signTypedData_v4 = defineMethod({
  name,
  kind: 'sign',
  summary: 'signature of a typed value (EIP-712), given as an object or as its JSON',
  differs: "a devnet's own accounts only; a member that is missing is an error",
  result: dataOf(65),
  params: ({ limits }) => [required('address', address), required('typedData', typedData(limits))],
  handle: (context, signer, value) => toHex(signatureBy(name, context, signer, typedDataHash(value, 'typedData'))),
})
