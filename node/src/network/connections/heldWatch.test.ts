import { expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { HeldWatch } from './heldWatch.ts'

/** A watch over 100 bytes, one look after the other. */
function setup() {
  const clock = manualClock()
  let held: { peer: string; bytes: number }[] = []
  const worst: string[] = []
  const watch = new HeldWatch({ clock, limit: 100, held: () => held, onWorst: (peer) => worst.push(peer) })
  watch.start()
  const look = async (bytes: Readonly<Record<string, readonly number[]>>, looks = 1) => {
    held = Object.entries(bytes).flatMap(([peer, parts]) => parts.map((part) => ({ peer, bytes: part })))
    await clock.advance(250 * looks)
    return worst.splice(0)
  }
  return { watch, look }
}

it('names who has most of what is over the limit, all its parts together, and nobody below it', async () => {
  const { watch, look } = setup()
  expect(await look({ a: [60], b: [20, 20], c: [0] })).toEqual([])
  expect(await look({ b: [30, 40], c: [60] })).toEqual(['b'])
  watch.stop()
  expect(await look({ a: [1_000] })).toEqual([])
})

it('names who has had it for longer before who has more for a moment, and forgets what is read', async () => {
  const { look } = setup()
  expect(await look({ slow: [40] }, 4)).toEqual([])
  expect(await look({ slow: [40], busy: [70] })).toEqual(['slow'])
  expect(await look({ slow: [], busy: [70] })).toEqual([])
  expect(await look({ slow: [40], busy: [70] })).toEqual(['busy'])
})
