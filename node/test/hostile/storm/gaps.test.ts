/** A storm tells a block that was not made from one that was not seen. */
import { expect, test } from 'vitest'
import { Gaps } from './gaps.ts'

test('a gap that nodes answered in was seen to be one', () => {
  const gaps = new Gaps()
  gaps.answered(1_000, true, 500)
  for (const now of [2_000, 3_000, 4_000, 5_000]) gaps.answered(now, false, 500)
  gaps.look(5_400, 500)
  expect(gaps.longest).toEqual({ length: 4_400, unseen: 1_000 })
  gaps.answered(5_500, true, 500)
  expect(gaps.longest).toEqual({ length: 4_500, unseen: 1_000 })
})

test('a gap that nobody answered in is as long, and said to be unseen', () => {
  const gaps = new Gaps()
  gaps.answered(1_000, true, 500)
  gaps.look(8_000, 500)
  expect(gaps.longest).toEqual({ length: 7_000, unseen: 7_000 })
  // The silence was over, but not the gap.
  gaps.answered(8_100, false, 500)
  gaps.look(9_000, 500)
  expect(gaps.longest).toEqual({ length: 8_000, unseen: 7_100 })
})

test('nothing counts before the first block, while nobody waits, or before the reader begins', () => {
  const gaps = new Gaps()
  gaps.look(9_000, 0)
  gaps.answered(10_000, true, null)
  gaps.look(20_000, null)
  expect(gaps.longest.length).toBe(0)
  // Silence from before somebody waited is no part of the gap.
  gaps.look(21_000, 20_500)
  expect(gaps.longest).toEqual({ length: 500, unseen: 500 })
  gaps.begin()
  expect(gaps.longest.length).toBe(0)
})
