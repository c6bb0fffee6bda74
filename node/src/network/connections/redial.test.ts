import { expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { Redial } from './redial.ts'

/** Dials that end when the test says so. */
function dialling() {
  const clock = manualClock()
  const dials: { readonly target: string; readonly fail: () => void }[] = []
  const redial = new Redial({
    clock,
    minPause: 100,
    maxPause: 1_000,
    targets: ['a', 'b'],
    dial: (target) => new Promise((_, reject) => dials.push({ target, fail: () => reject(new Error('refused')) })),
    onFailure: () => undefined,
  })
  return { clock, dials, redial }
}

it('says that addresses have changed when the dials to the old ones have ended', async () => {
  const { clock, dials, redial } = dialling()
  redial.start()
  let hasEnded = false
  const again = redial.again().then(() => {
    hasEnded = true
  })
  dials[0]!.fail()
  await clock.advance(0)
  expect(hasEnded).toBe(false)
  dials[1]!.fail()
  await again
  // And does not wait for those to the new ones.
  await clock.advance(100)
  expect(dials.map(({ target }) => target)).toEqual(['a', 'b', 'a', 'b'])
})

it('dials whoever waits for the next try at once when addresses have changed', async () => {
  const { clock, dials, redial } = dialling()
  redial.start()
  for (const { fail } of dials) fail()
  await clock.advance(50)
  await redial.again()
  expect(dials).toHaveLength(4)
})
