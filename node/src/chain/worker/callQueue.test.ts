import { expect, test } from 'vitest'
import { MAX_READS_IN_FLIGHT, MAX_WAITING_READS } from '../limits.ts'
import { CallQueue } from './callQueue.ts'

/** A queue that writes down what it posts. */
function recorded() {
  const queue = new CallQueue()
  const posted: string[] = []
  const add = (lane: 'consensus' | 'read' | 'slow', name: string) => queue.enqueue(lane, () => posted.push(name))
  return { queue, posted, add }
}

test('one consensus call at a time, in order', () => {
  const { queue, posted, add } = recorded()
  for (const name of ['build', 'validate', 'finalize']) add('consensus', name)
  expect(posted).toEqual(['build'])
  queue.settled('consensus')
  queue.settled('consensus')
  expect(posted).toEqual(['build', 'validate', 'finalize'])
})

test('as many reads as may be on their way, and one slow one', () => {
  const { queue, posted, add } = recorded()
  for (let index = 0; index < MAX_READS_IN_FLIGHT + 2; index++) add('read', 'read')
  for (let index = 0; index < 3; index++) add('slow', 'slow')
  expect(posted.filter((name) => name === 'read').length).toBe(MAX_READS_IN_FLIGHT)
  expect(posted.filter((name) => name === 'slow').length).toBe(1)
  queue.settled('slow')
  queue.settled('read')
  expect(posted.filter((name) => name === 'read').length).toBe(MAX_READS_IN_FLIGHT + 1)
  expect(posted.filter((name) => name === 'slow').length).toBe(2)
})

test('a consensus call overtakes every read that waits', () => {
  const { posted, add } = recorded()
  for (let index = 0; index < 5; index++) add('slow', `slow ${index}`)
  add('consensus', 'validate')
  expect(posted).toEqual(['slow 0', 'validate'])
})

test('nothing gets between two consensus calls that follow each other', () => {
  const { queue, posted, add } = recorded()
  add('consensus', 'validate')
  add('consensus', 'finalize')
  add('slow', 'call')
  add('read', 'account')
  expect(posted).toEqual(['validate'])
  queue.settled('consensus')
  expect(posted).toEqual(['validate', 'finalize', 'account', 'call'])
})

test('refuses reads when too many wait, never a consensus call', () => {
  const { posted, add } = recorded()
  let accepted = 0
  while (add('slow', 'slow')) accepted++
  expect(accepted).toBe(MAX_WAITING_READS + 1)
  expect(add('read', 'read')).toBe(true)
  expect(add('consensus', 'build')).toBe(true)
  expect(posted).toEqual(['slow', 'read', 'build'])
})
