/** Which addresses the precompiled contracts have, apart from what they do: who only asks need not load that. */

/** By address less one. */
export const PRECOMPILE_NAMES = [
  'ecrecover',
  'sha256',
  'ripemd160',
  'identity',
  'modexp',
  'bn254Add',
  'bn254Mul',
  'bn254Pairing',
  'blake2f',
] as const

export type PrecompileName = (typeof PRECOMPILE_NAMES)[number]

export function isPrecompile(address: Uint8Array): boolean {
  return precompileIndex(address) !== null
}

/** The place of the address in {@link PRECOMPILE_NAMES}; null for every other address. */
export function precompileIndex(address: Uint8Array): number | null {
  for (let i = 0; i < 19; i++) if (address[i] !== 0) return null
  const index = (address[19] ?? 0) - 1
  return index >= 0 && index < PRECOMPILE_NAMES.length ? index : null
}
