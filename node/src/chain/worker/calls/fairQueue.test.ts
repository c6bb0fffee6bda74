import { expect, test } from 'vitest'
import { FairQueue } from './fairQueue.ts'

/** `a1` is of client `a` of group `G` unless said otherwise. */
const of = (item: string, group = 'G') => ({ group, name: item[0]! })
const taken = (queue: FairQueue<string>): string[] => {
  const all: string[] = []
  for (let item = queue.take(); item !== undefined; item = queue.take()) all.push(item)
  return all
}

test('gives every client its turn, and each client its own in order', () => {
  const queue = new FairQueue<string>(100, 100)
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.add(of(item), item)
  expect(queue.take()).toBe('a1')
  queue.add(of('d1'), 'd1')
  expect(taken(queue)).toEqual(['b1', 'c1', 'a2', 'd1', 'c2', 'a3'])
  expect(queue.size).toBe(0)
})

test('gives every group its turn, however many clients another has', () => {
  const queue = new FairQueue<string>(100, 100)
  for (const item of ['a1', 'b1', 'c1', 'd1', 'e1']) queue.add(of(item, 'strangers'), item)
  for (const item of ['x1', 'x2', 'y1']) queue.add(of(item, 'known'), item)
  expect(taken(queue)).toEqual(['a1', 'x1', 'b1', 'y1', 'c1', 'x2', 'd1', 'e1'])
})

test('lets a group whose clients ask one thing at a time have every second turn', () => {
  const queue = new FairQueue<string>(100, 100)
  for (const item of ['a1', 'a2', 'b1', 'b2']) queue.add(of(item, 'strangers'), item)
  const order: (string | undefined)[] = []
  for (const item of ['x1', 'x2', 'x3']) {
    order.push(queue.take())
    queue.add(of(item, 'known'), item)
    order.push(queue.take())
  }
  expect(order).toEqual(['a1', 'x1', 'b1', 'x2', 'a2', 'x3'])
})

test('is bounded for a group and for a client, and has room again afterwards', () => {
  const queue = new FairQueue<string>(3, 2)
  const add = (item: string, group?: string) => queue.add(of(item, group), item)
  expect(['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((item) => add(item))).toEqual([true, true, false, true, false, false])
  expect(add('c1', 'another group')).toBe(true)
  expect(queue.take()).toBe('a1')
  expect(add('c1')).toBe(true)
  expect(queue.remove(of('b1'), 'b1')).toBe(true)
  expect(queue.remove(of('b1'), 'b1')).toBe(false)
  expect(queue.remove(of('a1'), 'a1')).toBe(false)
  expect(queue.remove(of('a2', 'no such group'), 'a2')).toBe(false)
  expect(add('a4')).toBe(true)
  expect(queue.size).toBe(4)
  expect(queue.drain().sort()).toEqual(['a2', 'a4', 'c1', 'c1'])
  expect([queue.size, queue.take()]).toEqual([0, undefined])
})
