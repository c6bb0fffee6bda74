import { expect, test } from 'vitest'
import { keccak256 } from '../../../crypto/keccak.ts'
import { memoryStateStore, openMemoryState } from '../../../state/memoryState.ts'
import { LentState } from './lentState.ts'

const ACCOUNT = new Uint8Array(20).fill(1)
const word = (value: number) => new Uint8Array(32).fill(value)

function setUp(mostBytes: number) {
  const store = memoryStateStore()
  const state = openMemoryState(store)
  const roots = [1n, 2n].map((balance) => {
    state.setBalance(ACCOUNT, balance)
    state.endTransaction()
    const changes = state.takeChanges()
    store.add(changes)
    return changes.root
  })
  let opened = 0
  const lent = new LentState((root) => {
    opened++
    return openMemoryState(store, root)
  }, mostBytes)
  return { lent, roots, opened: () => opened }
}

test('a state is opened once for all that ask at its root', () => {
  const { lent, roots, opened } = setUp(1_000_000)
  for (const root of [0, 0, 1, 1, 0]) {
    expect(lent.at(roots[root]!).balance(ACCOUNT)).toBe(BigInt(root + 1))
    lent.takeBack()
  }
  expect(opened()).toBe(3)
  lent.forget()
  expect(lent.at(roots[0]!.slice()).balance(ACCOUNT)).toBe(1n)
  expect(opened()).toBe(4)
})

test.each([
  ['accounts', (state: ReturnType<typeof openMemoryState>, i: number) => state.balance(keccak256(word(i)).slice(12))],
  ['slots', (state: ReturnType<typeof openMemoryState>, i: number) => state.storage(ACCOUNT, word(i))],
  [
    'codes that were undone',
    (state: ReturnType<typeof openMemoryState>, i: number) => {
      const checkpoint = state.checkpoint()
      state.setCode(ACCOUNT, new Uint8Array(10_000).fill(i + 1))
      state.revert(checkpoint)
    },
  ],
])('one that holds too many %s is let go', (_of, read) => {
  const { lent, roots, opened } = setUp(100_000)
  for (let i = 0; i < 100; i++) {
    read(lent.at(roots[0]!), i)
    lent.takeBack()
  }
  expect(opened()).toBeGreaterThan(5)
  expect(opened()).toBeLessThan(15)
})
