/** Address 1 (yellow paper, appendix E.1): the signer of a hash. Invalid signatures give empty output, not a failure. */
import { bytesToBigint, EMPTY_BYTES } from '../../codec/bytes.ts'
import { recoverAddress } from '../../crypto/secp256k1.ts'
import { type Precompile, paddedSlice } from './precompile.ts'

export const ecrecover: Precompile = {
  name: 'ecrecover',
  gas: (_input, prices) => prices.ecrecover,
  run(input) {
    const v = bytesToBigint(paddedSlice(input, 32, 32))
    if (v !== 27n && v !== 28n) return EMPTY_BYTES
    const hash = paddedSlice(input, 0, 32)
    const r = bytesToBigint(paddedSlice(input, 64, 32))
    const s = bytesToBigint(paddedSlice(input, 96, 32))
    const address = recoverAddress(hash, r, s, v === 28n ? 1 : 0)
    if (address === null) return EMPTY_BYTES
    const output = new Uint8Array(32)
    output.set(address, 12)
    return output
  },
}
