/** What the hardware export asks of each precompile: inputs that it answers. */
import type { Random } from '@touchstone/vm/testing/random'
import { concatBytes } from '../../src/codec/bytes.ts'
import { fromHex } from '../../src/codec/hex.ts'
import { word } from '../../src/execution/testing/puppet.ts'
import { BN254_PRIME, G1_BASE, G2_BASE } from '../precompiles/naiveCurve.ts'

/** go-ethereum's "ValidKey". */
const ECRECOVER_INPUT = fromHex(
  '0x18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c000000000000000000000000000000000000000000000000000000000000001c73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75feeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549',
)

const anything = (random: Random): Uint8Array => random.bytes(random.below(200))
const G1 = concatBytes(word(G1_BASE.x), word(G1_BASE.y))
const NEGATED_G1 = concatBytes(word(G1_BASE.x), word(BN254_PRIME - G1_BASE.y))
const G2 = concatBytes(...[G2_BASE.x[1], G2_BASE.x[0], G2_BASE.y[1], G2_BASE.y[0]].map(word))

/** By the last byte of the address. */
export const precompileCalls: Readonly<Record<number, (random: Random) => Uint8Array>> = {
  1: () => ECRECOVER_INPUT,
  2: anything,
  3: anything,
  4: anything,
  5: (random) => concatBytes(word(16n), word(2n), word(16n), random.bytes(34)),
  6: () => concatBytes(G1, G1),
  7: () => concatBytes(G1, word(9n)),
  // e(G1, G2) e(-G1, G2) = 1.
  8: () => concatBytes(G1, G2, NEGATED_G1, G2),
  9: (random) => concatBytes(word(12n).subarray(28), random.bytes(208), Uint8Array.of(1)),
}
