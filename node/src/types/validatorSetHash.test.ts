/**
 * Different validator sets have different hashes, so that a header commits to one of them (CometBFT #5613: an offset let
 * two sets of priorities hash alike). Every set of up to three of these validators, in every order, with every power.
 */
import { expect, it } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import type { GenesisValidator } from './genesis.ts'
import { validatorSetHash } from './genesisCodec.ts'

const key = (fill: number) => new Uint8Array(32).fill(fill)
const recipient = (fill: number) => new Uint8Array(20).fill(fill)
/** Powers at the edges of RLP's lengths, and pairs whose bytes are one another's beginning. */
const powers = [1n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x0101n, 2n ** 56n]

const some: GenesisValidator[] = [1, 2].flatMap((fill) =>
  [1, 2].flatMap((other) =>
    powers.slice(0, 3).map((power) => ({ publicKey: key(fill), power, feeRecipient: recipient(other) })),
  ),
)

it('holds for all of them, whatever their number, order and powers', () => {
  const sets: GenesisValidator[][] = [
    ...some.map((a) => [a]),
    ...some.flatMap((a) => some.map((b) => [a, b])),
    ...some.flatMap((a) => some.flatMap((b) => some.map((c) => [a, b, c]))),
    ...powers.flatMap((first) =>
      powers.map((second) =>
        [first, second].map((power, i) => ({ publicKey: key(i), power, feeRecipient: recipient(0) })),
      ),
    ),
  ]
  const seen = new Map<string, string>()
  for (const set of sets) {
    const words = set
      .map(({ publicKey, power, feeRecipient }) => `${publicKey[0]}:${power}:${feeRecipient[0]}`)
      .join(' ')
    const hash = keyOf(validatorSetHash(set))
    expect(seen.get(hash) ?? words).toBe(words)
    seen.set(hash, words)
  }
  expect(seen.size).toBeGreaterThan(1_900)
})
