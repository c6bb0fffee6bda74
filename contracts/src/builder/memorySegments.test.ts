import { expect, it } from 'vitest'
import { joined } from './memorySegments.ts'

const segment = (low: number, ...bytes: number[]) => ({ buffer: Uint8Array.from(bytes), offset: { low } })

it('segments that are near each other become one of the same bytes, others stay', () => {
  expect(joined([segment(40, 3), segment(16, 1, 2), segment(18, 9)])).toEqual([segment(16, 1, 2, 9), segment(40, 3)])
  // As many zeros between them as a segment of its own takes, and one more.
  expect(joined([segment(0, 1), segment(8, 2)])).toEqual([segment(0, 1, 0, 0, 0, 0, 0, 0, 0, 2)])
  expect(joined([segment(0, 1), segment(9, 2)])).toHaveLength(2)
  expect(joined([])).toEqual([])
})
