import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../testing/random.ts'
import { countTurns, MAX_TURNS } from './countTurns.ts'

const OPERATORS: readonly (readonly [string, number, (x: number, bound: number) => boolean])[] = [
  ['ne', 0x47, (x, bound) => x !== bound],
  ['lt_s', 0x48, (x, bound) => x < bound],
  ['lt_u', 0x49, (x, bound) => x >>> 0 < bound >>> 0],
  ['gt_s', 0x4a, (x, bound) => x > bound],
  ['gt_u', 0x4b, (x, bound) => x >>> 0 > bound >>> 0],
  ['le_s', 0x4c, (x, bound) => x <= bound],
  ['le_u', 0x4d, (x, bound) => x >>> 0 <= bound >>> 0],
  ['ge_s', 0x4e, (x, bound) => x >= bound],
  ['ge_u', 0x4f, (x, bound) => x >>> 0 >= bound >>> 0],
]
const EDGES = [0, 1, 2, 7, 100, 4095, 4096, 4097, -1, -2, -7, -4096, 0x7fffffff, 0x7ffffff0, -0x80000000, -0x7ffffff8]
const STEPS = [1, 2, 3, 4, 6, 8, 12, 64, 1000, 0x10000, 0x100001, 0x20000001]

/** Turns counted out, and how often the counter wrapped around on the way. */
function countedOut(x: number, step: number, holds: (x: number) => boolean): { turns: number | null; far: boolean } {
  let value = x | 0
  for (let turns = 0; turns <= MAX_TURNS; turns++) {
    if (!holds(value)) return { turns, far: Math.abs(step) * turns > 2 ** 32 * 8 }
    value = (value + step) | 0
  }
  return { turns: null, far: true }
}

describe('turns of a loop', () => {
  it.each(OPERATORS)('while %s: as counted out', (name, op, holds) => {
    const random = seededRandom(op)
    let known = 0
    const check = (x: number, step: number, bound: number): void => {
      const expected = countedOut(x, step, (value) => holds(value, bound | 0))
      const actual = countTurns(x | 0, step, op, bound | 0)
      // A counter that wraps around many times is left to run time.
      if (actual === null && expected.far) return
      if (actual !== expected.turns) expect(`${x} ${name} ${bound} by ${step}: ${actual}`).toBe(`${expected.turns}`)
      known++
    }
    const down = name.startsWith('g')
    for (let i = 0; i < 4_000; i++) {
      const size = random.below(3) ? random.pick(STEPS) : 1 + random.below(2000)
      const step = down || (op === 0x47 && random.below(2)) ? -size : size
      const x = random.below(4) ? random.pick(EDGES) + random.below(5) : random.below(2 ** 32)
      const turns = random.below(60)
      check(x, step, random.below(3) ? random.pick(EDGES) - random.below(5) : x + step * turns + random.below(3))
    }
    expect(known).toBeGreaterThan(400)
  })

  it('are not told when there are more than are counted', () => {
    expect(countTurns(0, 1, 0x49, MAX_TURNS)).toBe(MAX_TURNS)
    expect(countTurns(0, 1, 0x49, MAX_TURNS + 1)).toBeNull()
    expect(countTurns(0, 2, 0x47, 5)).toBeNull()
    expect(countTurns(0, 1, 0x4d, -1)).toBeNull()
  })
})
