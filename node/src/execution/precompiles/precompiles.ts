/** The contracts at addresses 1 to 9. */
import { blake2fPrecompile } from './blake2fPrecompile.ts'
import { bn254AddPrecompile, bn254MulPrecompile, bn254PairingPrecompile } from './curve.ts'
import { ecrecover } from './ecrecover.ts'
import { identity, ripemd160Precompile, sha256Precompile } from './hashes.ts'
import { modexp } from './modexp.ts'
import type { Precompile } from './precompile.ts'

export type { Precompile } from './precompile.ts'

/** By address less one. */
const precompiles: readonly Precompile[] = [
  ecrecover,
  sha256Precompile,
  ripemd160Precompile,
  identity,
  modexp,
  bn254AddPrecompile,
  bn254MulPrecompile,
  bn254PairingPrecompile,
  blake2fPrecompile,
]

export function findPrecompile(address: Uint8Array): Precompile | undefined {
  for (let i = 0; i < 19; i++) if (address[i] !== 0) return undefined
  return precompiles[(address[19] ?? 0) - 1]
}

export function isPrecompile(address: Uint8Array): boolean {
  return findPrecompile(address) !== undefined
}
