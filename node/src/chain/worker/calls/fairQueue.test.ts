import { expect, test } from 'vitest'
import { FairQueue } from './fairQueue.ts'

const taken = (queue: FairQueue<string>): string[] => {
  const all: string[] = []
  for (let item = queue.take(); item !== undefined; item = queue.take()) all.push(item)
  return all
}

test('gives every client its turn, and each client its own in order', () => {
  const queue = new FairQueue<string>(100, 100)
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.add(item[0]!, item)
  expect(queue.take()).toBe('a1')
  queue.add('d', 'd1')
  expect(taken(queue)).toEqual(['b1', 'c1', 'a2', 'd1', 'c2', 'a3'])
  expect(queue.size).toBe(0)
})

test('is bounded, altogether and for one client, and has room again afterwards', () => {
  const queue = new FairQueue<string>(3, 2)
  expect(['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((item) => queue.add(item[0]!, item))).toEqual([
    true,
    true,
    false,
    true,
    false,
    false,
  ])
  expect(queue.take()).toBe('a1')
  expect(queue.add('c', 'c1')).toBe(true)
  expect(queue.remove('b', 'b1')).toBe(true)
  expect(queue.remove('b', 'b1')).toBe(false)
  expect(queue.remove('a', 'a1')).toBe(false)
  expect(queue.add('a', 'a4')).toBe(true)
  expect(queue.size).toBe(3)
  expect(queue.drain().sort()).toEqual(['a2', 'a4', 'c1'])
  expect([queue.size, queue.take()]).toEqual([0, undefined])
})
