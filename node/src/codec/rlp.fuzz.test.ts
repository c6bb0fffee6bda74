import { RLP } from '@ethereumjs/rlp'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { toHex } from './hex.ts'
import { CodecError, decodeRlp, encodeRlp, type RlpItem } from './rlp.ts'

function randomItem(random: Random, depth: number): RlpItem {
  if (depth === 0 || random.below(3) === 0)
    return random.bytes(random.pick([0, 1, 1, 2, 20, 32, 55, 56, 57, 255, 256, 300]))
  return Array.from({ length: random.below(7) }, () => randomItem(random, depth - 1))
}

test('random items are encoded as @ethereumjs/rlp does, and come back', () => {
  for (let seed = 0; seed < 400; seed++) {
    const item = randomItem(seededRandom(seed), 5)
    const encoded = encodeRlp(item)
    expect(toHex(encoded), `seed ${seed}`).toBe(toHex(RLP.encode(item as Uint8Array[])))
    expect(decodeRlp(encoded), `seed ${seed}`).toEqual(item)
  }
})

test('what decodes from damaged bytes encodes to the same bytes; all else is a CodecError', () => {
  let accepted = 0
  for (let seed = 0; seed < 4000; seed++) {
    const random = seededRandom(seed)
    const bytes = encodeRlp(randomItem(random, 4)).slice()
    for (let i = random.below(3); i >= 0; i--) {
      if (bytes.length > 0) bytes[random.below(Math.min(bytes.length, 8))] = random.below(256)
    }
    const input = random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes
    try {
      const item = decodeRlp(input)
      accepted++
      expect(toHex(encodeRlp(item)), `seed ${seed}`).toBe(toHex(input))
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(CodecError)
    }
  }
  expect(accepted).toBeGreaterThan(100)
})
