import { expect, it } from 'vitest'
import { ReadingPace } from './readingPace.ts'

it('has room for 200 lines at once, and for 20 more each second', () => {
  let time = 5_000
  const pace = new ReadingPace(() => time)
  expect(pace.hasRoom(200)).toBe(true)
  expect(pace.hasRoom(201)).toBe(false)
  pace.take(195)
  expect(pace.hasRoom(20)).toBe(false)
  time += 749
  expect(pace.hasRoom(20)).toBe(false)
  time += 1
  expect(pace.hasRoom(20)).toBe(true)
  time += 3_600_000
  expect(pace.hasRoom(200)).toBe(true)
  expect(pace.hasRoom(201)).toBe(false)
})
