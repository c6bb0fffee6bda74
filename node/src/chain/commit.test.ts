import { expect, test } from 'vitest'
import { bigintToBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { StateChanges } from '../state/stateStore.ts'
import { commitBatch } from './commit.ts'
import { ChainDatabase } from './database.ts'
import { genesisCandidate } from './genesisBlock.ts'
import { genesis } from './testing/fixtures.ts'

const word = (value: bigint) => bigintToBytes(value, 32)
const address = (value: bigint) => bigintToBytes(value, 20)
const one = Uint8Array.of(1)
const first = address(5n)
/** Its slots lie directly after the first one's. */
const next = address(6n)

const uncounted = { certificate: null, counted: false, keptKeys: [] }

test('wiping an account takes all of its slots and no one else’s, before new ones are put', async () => {
  const store = createMemoryStore()
  const database = new ChainDatabase(store)
  const candidate = genesisCandidate(genesis)
  const commit = async (changes: Partial<StateChanges>) => {
    const all = { ...candidate, changes: { ...candidate.changes, ...changes } }
    await store.batch(await commitBatch(store, all, uncounted), { sync: true })
  }
  const last = new Uint8Array(32).fill(0xff)
  await commit({
    flatSlots: [
      [first, word(0n), one],
      [first, word(7n), one],
      [first, last, one],
      [next, word(0n), one],
    ],
  })
  await commit({ wipedAccounts: [first], flatSlots: [[first, word(7n), Uint8Array.of(2)]] })
  const slots = [word(0n), word(7n), last].map((slot) => database.flat.slot(first, slot))
  expect(slots).toEqual([undefined, Uint8Array.of(2), undefined])
  expect(database.flat.slot(next, word(0n))).toEqual(one)
})

test('a record that is null is deleted', async () => {
  const store = createMemoryStore()
  const database = new ChainDatabase(store)
  const { block, receipts, changes } = genesisCandidate(genesis)
  const [entry] = changes.flatAccounts
  const [who] = entry!
  await store.batch(await commitBatch(store, { block, receipts, changes }, uncounted), { sync: true })
  expect(toHex(database.flat.account(who)!)).toBe(toHex(entry![1]!))
  const gone = { ...changes, flatAccounts: [[who, null] as const] }
  await store.batch(await commitBatch(store, { block, receipts, changes: gone }, uncounted), { sync: true })
  expect(database.flat.account(who)).toBeUndefined()
})
