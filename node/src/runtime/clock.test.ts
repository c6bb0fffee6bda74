import { expect, it } from 'vitest'
import { systemClock } from './clock.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('what is due at once comes after what is here already, and before any timer', async () => {
  const order: string[] = []
  systemClock.after(0, () => order.push('due'))
  queueMicrotask(() => order.push('here'))
  expect(order).toEqual([])
  await turn()
  expect(order).toEqual(['here', 'due'])
})

it('what is due at once can be cancelled', async () => {
  const came: string[] = []
  const cancel = systemClock.after(0, () => came.push('cancelled'))
  systemClock.after(-1, () => came.push('other'))
  cancel()
  await turn()
  expect(came).toEqual(['other'])
})
