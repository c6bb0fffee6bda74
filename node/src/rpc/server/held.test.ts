import { expect, test } from 'vitest'
import { Held, type Holding } from './held.ts'

function setUp(limit: number) {
  const held = new Held(limit)
  const dropped: string[] = []
  const holding = (name: string, canGo = true): Holding => ({
    name: name[0]!,
    drop: canGo ? () => dropped.push(name) : null,
  })
  return { held, dropped, holding }
}

test('what the client that holds most has held longest makes room', () => {
  const { held, dropped, holding } = setUp(100)
  for (const [name, bytes] of [
    ['b1', 20],
    ['a1', 10],
    ['a2', 30],
    ['a3', 30],
  ] as const) {
    expect(held.take(holding(name), bytes)).toBe(true)
  }
  expect(held.take(holding('c1'), 15)).toBe(true)
  expect([dropped, held.bytes]).toEqual([['a1'], 95])
  expect(held.take(holding('c2'), 40)).toBe(true)
  expect([dropped, held.bytes]).toEqual([['a1', 'a2', 'a3'], 75])
})

test('what cannot go does not, nor what asks; then there is no room', () => {
  const { held, dropped, holding } = setUp(100)
  const answered = holding('a1', false)
  expect(held.take(answered, 60)).toBe(true)
  const own = holding('b1')
  expect(held.take(own, 30)).toBe(true)
  expect(held.take(own, 20)).toBe(false)
  expect([dropped, held.bytes]).toEqual([[], 90])
  held.give(answered)
  expect(held.take(own, 70)).toBe(true)
  held.give(own)
  held.give(own)
  expect(held.bytes).toBe(0)
  expect(held.take(own, 101)).toBe(false)
})

test('nothing goes for what would not fit all the same', () => {
  const { held, dropped, holding } = setUp(100)
  held.take(holding('a1', false), 60)
  held.take(holding('b1'), 30)
  expect(held.take(holding('c1'), 41)).toBe(false)
  expect([dropped, held.bytes]).toEqual([[], 90])
  expect(held.take(holding('c1'), 40)).toBe(true)
  expect([dropped, held.bytes]).toEqual([['b1'], 100])
})
