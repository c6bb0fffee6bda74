import { expect, it } from 'vitest'
import { manualClock } from '../../testing/manualClock.ts'
import { Hedge } from './hedge.ts'

/** Peers named by numbers, of which some answer after so long; the others never do. */
function scene(peers: number, answers: Readonly<Record<number, number | null>>, first = 1) {
  const clock = manualClock()
  const asked: number[] = []
  const late: string[] = []
  let aborted = 0
  const hedge = new Hedge<number>({
    clock,
    first,
    patience: () => 100,
    pick: (before) => {
      for (let peer = 0; peer < peers; peer++) if (!before.has(String(peer))) return String(peer)
      return undefined
    },
    ask(peer, signal) {
      asked.push(clock.monotonic())
      signal.addEventListener('abort', () => {
        aborted += 1
      })
      const after = answers[Number(peer)]
      if (after === undefined) return new Promise(() => undefined)
      if (after === null) return Promise.resolve(null)
      return new Promise((resolve) => clock.after(after, () => resolve(Number(peer))))
    },
    onLate: (peer) => late.push(peer),
  })
  return { clock, asked, late, hedge, aborted: () => aborted }
}

it('asks one peer when it answers in time', async () => {
  const { clock, asked, hedge } = scene(50, { 0: 90 })
  const answer = hedge.next()
  await clock.advance(95)
  expect(await answer).toBe(0)
  hedge.end()
  await clock.advance(10_000)
  expect(asked).toEqual([0])
})

it('asks twice as many each time nobody answers, and ends what is under way', async () => {
  const { clock, asked, late, hedge, aborted } = scene(100, { 90: 5 })
  const answer = hedge.next()
  await clock.advance(705)
  expect(await answer).toBe(90)
  expect([0, 100, 200, 300, 400, 500, 600, 700].map((at) => asked.filter((when) => when === at).length)).toEqual([
    1, 1, 2, 4, 8, 16, 32, 36,
  ])
  expect(late).toHaveLength(64)
  hedge.end()
  expect(aborted()).toBe(100)
  expect(await hedge.next()).toBeNull()
})

it('replaces at once who gives nothing, by two others', async () => {
  const { clock, asked, hedge } = scene(7, { 0: null, 1: null, 2: null, 3: null, 4: null, 5: null, 6: 1 })
  const answer = hedge.next()
  await clock.advance(1)
  expect(await answer).toBe(6)
  expect(asked).toEqual([0, 0, 0, 0, 0, 0, 0])
})

it('gives all answers in the order in which they come, and null when nobody is left', async () => {
  const { clock, hedge } = scene(3, { 0: 30, 1: 10, 2: 20 }, 3)
  await clock.advance(50)
  expect([await hedge.next(), await hedge.next(), await hedge.next(), await hedge.next()]).toEqual([1, 2, 0, null])
})

it('asks who is new at once when all others are late, and not before', async () => {
  const { clock, asked, hedge } = scene(1, {})
  hedge.poke()
  expect(asked).toEqual([0])
  const all = scene(4, {}, 1)
  await all.clock.advance(50)
  all.hedge.poke()
  expect(all.asked).toEqual([0])
  await all.clock.advance(250)
  expect(all.asked).toEqual([0, 100, 200, 200])
  await clock.advance(0)
})

it('rejects with what is a fault of this node', async () => {
  const hedge = new Hedge<number>({
    clock: manualClock(),
    first: 1,
    patience: () => 100,
    pick: (before) => (before.size === 0 ? 'a' : undefined),
    ask: () => Promise.reject(new Error('disk full')),
  })
  await expect(hedge.next()).rejects.toThrow('disk full')
})
