/** Addresses 6, 7 and 8: alt_bn128 addition, multiplication (EIP-196) and pairing check (EIP-197). */
import { BN254_PAIR_LENGTH, bn254Add, bn254Mul, bn254Pairing } from '../../crypto/bn254.ts'
import type { Precompile } from './precompile.ts'

export const bn254AddPrecompile: Precompile = {
  name: 'bn254 add',
  gas: (_input, prices) => prices.bn254Add,
  run: bn254Add,
}

export const bn254MulPrecompile: Precompile = {
  name: 'bn254 mul',
  gas: (_input, prices) => prices.bn254Mul,
  run: bn254Mul,
}

export const bn254PairingPrecompile: Precompile = {
  name: 'bn254 pairing',
  gas: (input, { bn254Pairing: { base, perPair } }) =>
    base + perPair * BigInt(Math.floor(input.length / BN254_PAIR_LENGTH)),
  run: bn254Pairing,
}
