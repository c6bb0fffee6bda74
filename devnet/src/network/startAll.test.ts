/** Which nodes begin when, by how many processors there are. */
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startAll } from './startAll.ts'

/** Three nodes that start when told to. */
function three() {
  const begun: number[] = []
  const starts = [1, 2, 3].map(() => Promise.withResolvers<void>())
  let answer = () => {}
  const slots = starts.map(({ promise }, position) => ({
    start(_: boolean, onAnswers?: () => void) {
      begun.push(position + 1)
      if (onAnswers !== undefined) answer = onAnswers
      return promise
    },
  }))
  return { begun, slots, starts, answer: () => answer() }
}

const failure = new Error('its database is damaged')

it('all at once, where each has two', async () => {
  const { begun, slots, starts } = three()
  const all = startAll(slots, true, 6)
  expect(begun).toEqual([1, 2, 3])
  starts[0]!.reject(failure)
  for (const { resolve } of starts) resolve()
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
})

it('the others when the first answers, where there are fewer', async () => {
  const { begun, slots, starts, answer } = three()
  const all = startAll(slots, true, 5)
  await setImmediate()
  expect(begun).toEqual([1])
  answer()
  await setImmediate()
  expect(begun).toEqual([1, 2, 3])
  for (const { resolve } of starts) resolve()
  expect((await all).length).toBe(3)
})

it('none after a first that does not start', async () => {
  const { begun, slots, starts } = three()
  starts[0]!.reject(failure)
  expect(await startAll(slots, true, 1)).toEqual([{ status: 'rejected', reason: failure }])
  expect(begun).toEqual([1])
})
