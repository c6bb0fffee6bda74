import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, it } from 'vitest'
import { slopeOf } from './trend.ts'

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
  expect(slopeOf([])).toBe(0)
  expect(slopeOf([{ at: 1, value: 2 }])).toBe(0)
  expect(
    slopeOf([
      { at: 1, value: 2 },
      { at: 1, value: 3 },
    ]),
  ).toBe(0)
})
