/** Damaged creations and random calls, from a seed: each ends as an outcome, none as an exception, and nothing leaks. */
import { describe, expect, it } from 'vitest'
import { encodeInitCode } from './initCode.ts'
import { address, newWorld, PUPPET_CODE, PUPPET_MODULE, packCode, word } from './testing/puppet.ts'

/** xorshift32. */
function random(seed: number): (below: number) => number {
  let x = seed
  return (below) => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % below
  }
}

const A = address(0xaaaan)
const GAS = 3_000_000n

function damaged(bytes: Uint8Array, next: (below: number) => number): Uint8Array {
  const copy = bytes.slice(0, next(8) === 0 ? next(bytes.length) : bytes.length)
  for (let i = next(4); i >= 0; i--) if (copy.length > 0) copy[next(copy.length)] = next(256)
  return copy
}

describe('damaged creations', () => {
  it('succeed, revert or fail with a sentence, and leave the state as it was', () => {
    const next = random(20_261_122)
    const world = newWorld()
    const before = world.state.root()
    const kinds = new Set<string>()
    for (let round = 0; round < 150; round++) {
      const data =
        round % 3 === 0
          ? damaged(encodeInitCode(PUPPET_CODE, word(1n)), next)
          : // The module itself is damaged, so that the stream around it is whole.
            encodeInitCode(packCode(damaged(PUPPET_MODULE, next)), round % 3 === 1 ? null : word(1n))
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
    const next = random(7)
    const world = newWorld()
    world.place(A)
    const kinds = new Set<string>()
    for (let round = 0; round < 200; round++) {
      const data = Uint8Array.from({ length: 1 + next(160) }, () => next(256))
      data[0] = next(0x14)
      const outcome = world.run(A, data, { gas: 200_000n })
      kinds.add(outcome.kind)
      expect(outcome.gasUsed).toBeLessThanOrEqual(200_000n)
    }
    expect([...kinds].sort()).toEqual(['failure', 'revert', 'success'])
  })
})
