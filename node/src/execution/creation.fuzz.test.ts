/** Damaged creations and random calls, from a seed: each ends as an outcome, none as an exception, and nothing leaks. */

import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { packCode } from '../../testing/modules.ts'
import { encodeInitCode } from './initCode.ts'
import { address, newWorld, PUPPET_CODE, PUPPET_MODULE, word } from './testing/puppet.ts'

const A = address(0xaaaan)
const GAS = 3_000_000n

function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice(0, random.below(8) === 0 ? random.below(bytes.length) : bytes.length)
  for (let i = random.below(4); i >= 0; i--) if (copy.length > 0) copy[random.below(copy.length)] = random.below(256)
  return copy
}

describe('damaged creations', () => {
  it('succeed, revert or fail with a sentence, and leave the state as it was', () => {
    const random = seededRandom(20_261_122)
    const world = newWorld()
    const before = world.state.root()
    const kinds = new Set<string>()
    for (let round = 0; round < 150; round++) {
      const data =
        round % 3 === 0
          ? damaged(encodeInitCode(PUPPET_CODE, word(1n)), random)
          : // The module itself is damaged, so that the stream around it is whole.
            encodeInitCode(packCode(damaged(PUPPET_MODULE, random)), round % 3 === 1 ? null : word(1n))
      const outcome = world.run(null, data, { gas: GAS })
      kinds.add(outcome.kind)
      if (outcome.kind !== 'success') expect(outcome.message.length).toBeGreaterThan(10)
      if (outcome.kind === 'failure') expect(outcome.gasUsed).toBe(GAS)
    }
    expect([...kinds].sort()).toEqual(['failure', 'success'])
    expect(world.state.root()).toEqual(before)
  })
})

describe('random calls', () => {
  it('end within their gas', () => {
    const random = seededRandom(7)
    const world = newWorld()
    world.place(A)
    const kinds = new Set<string>()
    for (let round = 0; round < 200; round++) {
      const data = random.bytes(1 + random.below(160))
      data[0] = random.below(0x14)
      const outcome = world.run(A, data, { gas: 200_000n })
      kinds.add(outcome.kind)
      expect(outcome.gasUsed).toBeLessThanOrEqual(200_000n)
    }
    expect([...kinds].sort()).toEqual(['failure', 'revert', 'success'])
  })
})
