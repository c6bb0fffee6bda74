/** Addresses 6, 7 and 8: alt_bn128 addition, multiplication (EIP-196) and pairing check (EIP-197), priced by EIP-1108. */
import { BN254_PAIR_LENGTH, bn254Add, bn254Mul, bn254Pairing } from '../../crypto/bn254.ts'
import type { Precompile } from './precompile.ts'

export const bn254AddPrecompile: Precompile = { name: 'bn254 add', gas: () => 150n, run: bn254Add }

export const bn254MulPrecompile: Precompile = { name: 'bn254 mul', gas: () => 6_000n, run: bn254Mul }

export const bn254PairingPrecompile: Precompile = {
  name: 'bn254 pairing',
  gas: (input) => 45_000n + 34_000n * BigInt(Math.floor(input.length / BN254_PAIR_LENGTH)),
  run: bn254Pairing,
}
