/** The contracts at addresses 1 to 9. */
import { blake2fPrecompile } from './blake2fPrecompile.ts'
import { bn254AddPrecompile, bn254MulPrecompile, bn254PairingPrecompile } from './curve.ts'
import { ecrecover } from './ecrecover.ts'
import { identity, ripemd160Precompile, sha256Precompile } from './hashes.ts'
import { modexp } from './modexp.ts'
import type { Precompile } from './precompile.ts'
import { PRECOMPILE_NAMES, type PrecompileName, precompileIndex } from './precompileNames.ts'

export type { Precompile } from './precompile.ts'

const byName: Readonly<Record<PrecompileName, Precompile>> = {
  ecrecover,
  sha256: sha256Precompile,
  ripemd160: ripemd160Precompile,
  identity,
  modexp,
  bn254Add: bn254AddPrecompile,
  bn254Mul: bn254MulPrecompile,
  bn254Pairing: bn254PairingPrecompile,
  blake2f: blake2fPrecompile,
}

/** By address less one. */
const precompiles: readonly Precompile[] = PRECOMPILE_NAMES.map((name) => byName[name])

export function findPrecompile(address: Uint8Array): Precompile | undefined {
  const index = precompileIndex(address)
  return index === null ? undefined : precompiles[index]
}
