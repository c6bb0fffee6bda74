/** Address 9 (EIP-152): the BLAKE2b compression function, priced by the round. */
import { BLAKE2F_INPUT_LENGTH, blake2f, blake2fRounds } from '../../crypto/blake2f.ts'
import type { Precompile } from './precompile.ts'

export const blake2fPrecompile: Precompile = {
  name: 'blake2f',
  gas: (input, { blake2f: { base, perRound } }) =>
    base + (input.length === BLAKE2F_INPUT_LENGTH ? perRound * BigInt(blake2fRounds(input)) : 0n),
  run: blake2f,
}
