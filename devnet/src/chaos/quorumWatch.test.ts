import { expect, it } from 'vitest'
import { hasQuorum, type NetworkState, QuorumWatch } from './quorumWatch.ts'

const state = (change: Partial<NetworkState> = {}): NetworkState => ({
  voting: [1, 2, 3, 4],
  validators: 4,
  groups: null,
  height: 5,
  hasWork: true,
  ...change,
})

it('a quorum is more than two thirds that are up on one side', () => {
  expect(hasQuorum(state())).toBe(true)
  expect(hasQuorum(state({ voting: [1, 3, 4] }))).toBe(true)
  expect(hasQuorum(state({ voting: [3, 4] }))).toBe(false)
  expect(hasQuorum(state({ validators: 3, voting: [1, 2] }))).toBe(false)
  expect(hasQuorum(state({ groups: [[2]] }))).toBe(true)
  expect(hasQuorum(state({ groups: [[1, 2, 4], [3]] }))).toBe(true)
  expect(hasQuorum(state({ groups: [[1, 2]] }))).toBe(false)
  expect(hasQuorum(state({ groups: [[2]], voting: [1, 2, 3] }))).toBe(false)
})

it('counts from the last block, or from when the quorum came back', () => {
  const watch = new QuorumWatch()
  watch.look(0, state())
  watch.look(1_000, state())
  expect(watch.longestWait).toBe(1_000)
  watch.look(1_500, state({ height: 6 }))
  watch.look(2_200, state({ height: 6 }))
  expect(watch.longestWait).toBe(1_000)
  watch.look(3_000, state({ height: 6, voting: [1, 2] }))
  watch.look(60_000, state({ height: 6 }))
  watch.look(60_900, state({ height: 6 }))
  expect(watch.longestWait).toBe(1_000)
  watch.look(62_000, state({ height: 6 }))
  expect(watch.longestWait).toBe(2_000)
})

it('does not count while there is nothing to do', () => {
  const watch = new QuorumWatch()
  watch.look(0, state({ hasWork: false }))
  watch.look(50_000, state({ hasWork: false }))
  watch.look(50_100, state())
  watch.look(50_300, state())
  expect(watch.longestWait).toBe(200)
})
