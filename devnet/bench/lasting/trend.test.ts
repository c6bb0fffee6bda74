import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, it } from 'vitest'
import { LongestStand, slopeOf } from './trend.ts'

it('is that of a line, whatever a few samples say', () => {
  const random = seededRandom(1)
  const samples = Array.from({ length: 100 }, (_, at) => {
    const jump = at % 10 === 0 ? random.below(500) : random.below(3)
    return { at, value: 200 + 2 * at + jump }
  })
  expect(slopeOf(samples)).toBeGreaterThan(1.8)
  expect(slopeOf(samples)).toBeLessThan(2.2)
  expect(slopeOf(samples.map(({ at }) => ({ at, value: 7 })))).toBe(0)
})

it('is none where there is nothing to compare', () => {
  expect(slopeOf([])).toBeNull()
  expect(slopeOf([{ at: 1, value: 2 }])).toBeNull()
  expect(
    slopeOf([
      { at: 1, value: 2 },
      { at: 1, value: 3 },
    ]),
  ).toBeNull()
})

it('tells how long a chain stood, whether its node answered meanwhile or not', () => {
  const stand = new LongestStand(0)
  for (const [height, now] of [
    ['0x1', 100],
    [undefined, 2_000],
    ['0x1', 4_000],
    ['0x2', 5_000],
    ['0x3', 5_500],
  ] as const)
    stand.look(height, now)
  expect(stand.milliseconds).toBe(4_900)
})
