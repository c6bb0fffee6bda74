/**
 * Roots do not depend on the order in which things were put, read or warmed: Juno stopped in 2022 over the order of a map.
 * The same changes in seeded orders, through the journal, the trie and the flat table.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { memoryNodes } from '../trie/nodeStore.ts'
import { Trie } from '../trie/trie.ts'
import type { JournaledState } from './journaledState.ts'
import { memoryStateStore, openMemoryState } from './memoryState.ts'

const random = seededRandom(5)
/** Keys that look like array indices too: objects of JavaScript would put those first. */
const addresses = Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? new Uint8Array(20).fill(i) : random.bytes(20)))
const keys = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? new Uint8Array(32).fill(i) : random.bytes(32)))
const value = (i: number) => Uint8Array.from({ length: 32 }, (_, at) => (at === 31 ? i : 0))

type Change = (state: JournaledState) => void

/** Of a block: no two of them touch the same thing, so that every order is the same block. */
const changes: Change[] = addresses.flatMap((address, i): Change[] => [
  (state) => state.setBalance(address, BigInt(1000 + i)),
  (state) => state.setNonce(address, BigInt(i)),
  (state) => (i % 3 === 0 ? state.setCode(address, Uint8Array.of(i, 1)) : undefined),
  ...keys.map(
    (key, k): Change =>
      (state) =>
        state.setStorage(address, key, value((i * 7 + k) % 5)),
  ),
])
const reads: Change[] = addresses.flatMap((address): Change[] => [
  (state) => void state.warmAddress(address),
  ...keys.map(
    (key): Change =>
      (state) =>
        void state.warmSlot(address, key),
  ),
  (state) => void state.balance(address),
])

function shuffled<T>(items: readonly T[], source: Random): T[] {
  const rest = [...items]
  return Array.from({ length: items.length }, () => rest.splice(source.below(rest.length), 1)[0]!)
}

/** Deletes a third of the slots and touches an account that stays empty, in a second block. */
const second: Change[] = [
  ...addresses.flatMap((address, i) =>
    keys.flatMap((key, k): Change[] =>
      (i + k) % 3 === 0 ? [(state) => state.setStorage(address, key, value(0))] : [],
    ),
  ),
  (state) => state.setBalance(new Uint8Array(20).fill(0xcc), 0n),
]

function rootsAfter(seed: number): string[] {
  const source = seededRandom(seed)
  const store = memoryStateStore()
  let state = openMemoryState(store)
  return [changes, second].map((block) => {
    const steps = seed === 0 ? block : shuffled([...block, ...reads], source)
    for (const step of steps) {
      step(state)
      // Frames that are undone leave nothing behind, whatever they did before.
      if (seed > 0 && source.below(4) === 0) {
        const checkpoint = state.checkpoint()
        for (let i = 0; i < 3; i++) source.pick(changes)(state)
        state.revert(checkpoint)
      }
    }
    state.endTransaction()
    const taken = state.takeChanges()
    store.add(taken)
    if (source.below(2) === 0) state = openMemoryState(store, taken.root)
    return toHex(taken.root)
  })
}

test('the same changes in any order give the same state roots', () => {
  const expected = rootsAfter(0)
  expect(new Set(expected).size).toBe(2)
  for (let seed = 1; seed <= 30; seed++) expect(rootsAfter(seed), `seed ${seed}`).toEqual(expected)
})

test('the same entries of a trie in any order give the same root, the same nodes, and the same list', () => {
  const entries = addresses.flatMap((address, i) =>
    keys.map((key, k) => [Uint8Array.of(...address.slice(0, 2), ...key.slice(0, 2)), value(i + k + 1)] as const),
  )
  const unique = [...new Map(entries.map(([key, item]) => [keyOf(key), [key, item] as const])).values()]
  const made = Array.from({ length: 20 }, (_, seed) => {
    const trie = new Trie(memoryNodes())
    for (const [key, item] of seed === 0 ? unique : shuffled(unique, seededRandom(seed))) trie.put(key, item)
    const listed = [...trie.entries()].map(([key]) => keyOf(key))
    const { root, nodes } = trie.commit()
    return { root: toHex(root), listed, nodes: [...nodes].map((node) => JSON.stringify(node, bytes)).sort() }
  })
  for (const one of made) expect(one).toEqual(made[0])
})

function bytes(_key: string, item: unknown): unknown {
  return item instanceof Uint8Array ? keyOf(item) : item
}
