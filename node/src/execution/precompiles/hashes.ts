/** Addresses 2, 3 and 4 (yellow paper, appendix E.1): SHA-256, RIPEMD-160 in a 32-byte word, and the input itself. */
import { ripemd160 } from '../../crypto/ripemd160.ts'
import { sha256 } from '../../crypto/sha256.ts'
import { byWord, type Precompile } from './precompile.ts'

export const sha256Precompile: Precompile = {
  name: 'sha256',
  gas: (input, prices) => byWord(prices.sha256, input),
  run: sha256,
}

export const ripemd160Precompile: Precompile = {
  name: 'ripemd160',
  gas: (input, prices) => byWord(prices.ripemd160, input),
  run(input) {
    const output = new Uint8Array(32)
    output.set(ripemd160(input), 12)
    return output
  },
}

export const identity: Precompile = {
  name: 'identity',
  gas: (input, prices) => byWord(prices.identity, input),
  run: (input) => input.slice(),
}
