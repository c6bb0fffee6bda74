import { seededRandom } from '@touchstone/vm/testing/random'
import { afterEach, describe, expect, test } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import { nobleProvider } from '../crypto/nobleProvider.ts'
import { setCryptoProvider } from '../crypto/provider.ts'
import { hashedKey } from '../trie/keyHashes.ts'
import { MissingNodeError } from '../trie/nodeStore.ts'
import { createProof, verifyProof } from '../trie/proof.ts'
import { Trie } from '../trie/trie.ts'
import { decodeAccount, EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { openState } from './journaledState.ts'
import { memoryStateStore, openMemoryState } from './memoryState.ts'
import { MissingCodeError } from './stateStore.ts'

const A = new Uint8Array(20).fill(0xaa)
const B = new Uint8Array(20).fill(0xbb)
const KEY = new Uint8Array(32).fill(1)
const OTHER = new Uint8Array(32).fill(2)
const ZERO = new Uint8Array(32)
const word = (last: number) => Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? last : 0))

afterEach(() => setCryptoProvider(nobleProvider))

test('an empty state', () => {
  const state = openMemoryState()
  expect(state.exists(A)).toBe(false)
  expect(state.account(A)).toBeNull()
  expect(state.codeHash(A)).toEqual(EMPTY_CODE_HASH)
  expect(state.code(A).length).toBe(0)
  expect(state.storage(A, KEY)).toEqual(ZERO)
  expect(state.root()).toEqual(EMPTY_TRIE_ROOT)
  expect(state.takeChanges()).toMatchObject({
    nodes: [],
    codes: [],
    flatAccounts: [],
    flatSlots: [],
    wipedAccounts: [],
  })
})

describe('EIP-161', () => {
  test('a touched account that is empty at the end is not there', () => {
    const state = openMemoryState()
    state.setBalance(A, 0n)
    state.endTransaction()
    expect(state.root()).toEqual(EMPTY_TRIE_ROOT)
    state.setBalance(A, 1n)
    state.endTransaction()
    state.setBalance(A, 0n)
    state.endTransaction()
    expect(state.takeChanges().flatAccounts).toEqual([])
    state.setBalance(A, 1n)
    state.endTransaction()
    expect(state.root()).not.toEqual(EMPTY_TRIE_ROOT)
    state.setBalance(A, 0n)
    state.endTransaction()
    expect(state.root()).toEqual(EMPTY_TRIE_ROOT)
  })

  test('its storage goes with it, in the trie and in the flat table', () => {
    const store = memoryStateStore()
    const state = openMemoryState(store)
    state.setNonce(A, 1n)
    state.setStorage(A, KEY, word(7))
    state.setStorage(A, OTHER, word(8))
    state.endTransaction()
    store.add(state.takeChanges())

    state.setNonce(A, 0n)
    expect(state.storage(A, KEY)).toEqual(word(7))
    state.endTransaction()
    expect(state.storage(A, KEY)).toEqual(ZERO)
    expect(state.hasStorage(A)).toBe(false)
    // Recreated in the same block, with one slot of its own.
    state.setNonce(A, 1n)
    state.setStorage(A, KEY, word(9))
    state.endTransaction()
    const changes = state.takeChanges()
    expect(changes.wipedAccounts).toEqual([A])
    store.add(changes)
    for (const flat of [store.flat, undefined]) {
      const reopened = openState({ root: changes.root, nodes: store.nodes, codes: store.codes, flat })
      expect(reopened.storage(A, KEY)).toEqual(word(9))
      expect(reopened.storage(A, OTHER)).toEqual(ZERO)
    }
  })

  test('before the flat table is written, what it still holds of a deleted account is not read', () => {
    const store = memoryStateStore()
    const before = openMemoryState(store)
    before.setNonce(A, 1n)
    before.setStorage(A, KEY, word(7))
    before.setStorage(A, OTHER, word(8))
    before.endTransaction()
    const { root, ...rest } = before.takeChanges()
    store.add({ root, ...rest })
    const state = openState({ root, nodes: store.nodes, codes: store.codes, flat: store.flat })
    state.setNonce(A, 0n)
    state.endTransaction()
    state.setNonce(A, 1n)
    state.setStorage(A, KEY, word(9))
    state.endTransaction()
    state.root()
    expect(state.storage(A, OTHER)).toEqual(ZERO)
    expect(state.storage(A, KEY)).toEqual(word(9))
  })
})

describe('the journal', () => {
  test('a reverted frame leaves no trace', () => {
    const state = openMemoryState()
    state.setBalance(A, 5n)
    state.setCode(B, Uint8Array.of(1))
    state.setStorage(A, KEY, word(1))
    const outer = state.checkpoint()
    state.setBalance(A, 6n)
    state.setNonce(B, 3n)
    state.setCode(B, Uint8Array.of(2))
    state.setStorage(A, KEY, word(2))
    state.setTransient(A, KEY, word(3))
    state.addRefund(4800n)
    state.addLog({ address: A, topics: [], data: new Uint8Array(0) })
    expect(state.warmSlot(A, KEY)).toBe(true)
    const inner = state.checkpoint()
    state.setStorage(A, KEY, word(4))
    state.addRefund(-100n)
    state.revert(inner)
    expect(state.storage(A, KEY)).toEqual(word(2))
    expect(state.refund()).toBe(4800n)
    state.revert(outer)
    expect(state.balance(A)).toBe(5n)
    expect(state.nonce(B)).toBe(0n)
    expect(state.code(B)).toEqual(Uint8Array.of(1))
    expect(state.codeHash(B)).toEqual(keccak256(Uint8Array.of(1)))
    expect(state.storage(A, KEY)).toEqual(word(1))
    expect(state.transient(A, KEY)).toEqual(ZERO)
    expect(state.refund()).toBe(0n)
    expect(state.logs()).toEqual([])
    expect(state.warmSlot(A, KEY)).toBe(true)
  })

  test('what lives for a transaction ends with it', () => {
    const state = openMemoryState()
    state.setBalance(A, 1n)
    state.setStorage(A, KEY, word(1))
    state.setTransient(A, KEY, word(1))
    state.warmAddress(A)
    state.addRefund(1n)
    state.addLog({ address: A, topics: [], data: new Uint8Array(0) })
    const logs = state.logs()
    expect(state.originalStorage(A, KEY)).toEqual(ZERO)
    state.endTransaction()
    expect(state.originalStorage(A, KEY)).toEqual(word(1))
    expect(state.transient(A, KEY)).toEqual(ZERO)
    expect(state.warmAddress(A)).toBe(true)
    expect(state.refund()).toBe(0n)
    expect(state.logs()).toEqual([])
    expect(logs.length).toBe(1)
  })

  test('misuse is an error, not a wrong state', () => {
    const state = openMemoryState()
    expect(() => state.revert(1)).toThrow(RangeError)
    expect(() => state.revert(-1)).toThrow(RangeError)
    expect(() => state.setBalance(A, -1n)).toThrow(RangeError)
    expect(() => state.setBalance(A, 1n << 256n)).toThrow(RangeError)
    expect(() => state.setNonce(A, 1n << 64n)).toThrow(RangeError)
    expect(() => state.setStorage(A, KEY, new Uint8Array(31))).toThrow(RangeError)
    expect(() => state.setTransient(A, KEY, new Uint8Array(33))).toThrow(RangeError)
    expect(() => state.balance(new Uint8Array(19))).toThrow(RangeError)
    expect(() => state.storage(A, new Uint8Array(31))).toThrow(RangeError)
    state.setBalance(A, 1n)
    expect(() => state.root()).toThrow('endTransaction')
    expect(() => state.takeChanges()).toThrow('endTransaction')
  })

  test('buffers of the caller are copied in and out', () => {
    const state = openMemoryState()
    const address = A.slice()
    const key = KEY.slice()
    const value = word(5)
    const code = Uint8Array.of(1, 2)
    state.setNonce(address, 1n)
    state.setStorage(address, key, value)
    state.setTransient(address, key, value)
    state.setCode(address, code)
    for (const buffer of [address, key, value, code]) buffer.fill(0xee)
    state.storage(A, KEY).fill(0)
    state.transient(A, KEY).fill(0)
    state.codeHash(A).fill(0)
    state.codeHash(B).fill(0)
    state.storage(A, OTHER).fill(9)
    expect(state.storage(A, KEY)).toEqual(word(5))
    expect(state.transient(A, KEY)).toEqual(word(5))
    expect(state.code(A)).toEqual(Uint8Array.of(1, 2))
    expect(state.codeHash(A)).toEqual(keccak256(Uint8Array.of(1, 2)))
    expect(state.codeHash(B)).toEqual(EMPTY_CODE_HASH)
    expect(state.storage(B, KEY)).toEqual(ZERO)
    state.endTransaction()
    expect(state.takeChanges().flatAccounts[0]![0]).toEqual(A)
  })
})

describe('hasStorage', () => {
  test('sees what is written, zeroed and in the trie', () => {
    const store = memoryStateStore()
    const first = openMemoryState(store)
    first.setNonce(A, 1n)
    first.setStorage(A, KEY, word(1))
    first.setStorage(A, OTHER, word(2))
    expect(first.hasStorage(A)).toBe(true)
    first.endTransaction()
    const changes = first.takeChanges()
    store.add(changes)
    const state = openMemoryState(store, changes.root)
    expect(state.hasStorage(A)).toBe(true)
    expect(state.hasStorage(B)).toBe(false)
    state.setStorage(A, KEY, ZERO)
    expect(state.hasStorage(A)).toBe(true)
    state.setStorage(A, OTHER, ZERO)
    expect(state.hasStorage(A)).toBe(false)
    state.endTransaction()
    expect(state.hasStorage(A)).toBe(false)
    state.root()
    expect(state.hasStorage(A)).toBe(false)
    // Looking did not change the storage trie, whatever came of the zeros.
    const [looking, other] = [openMemoryState(store, changes.root), openMemoryState(store, changes.root)]
    looking.setStorage(A, KEY, ZERO)
    looking.setStorage(A, OTHER, ZERO)
    expect(looking.hasStorage(A)).toBe(false)
    looking.revert(0)
    for (const each of [looking, other]) {
      each.setStorage(A, new Uint8Array(32).fill(3), word(3))
      each.endTransaction()
    }
    expect(looking.root()).toEqual(other.root())
    state.setStorage(A, KEY, word(1))
    state.setStorage(A, OTHER, word(2))
    state.endTransaction()
    expect(state.root()).toEqual(changes.root)
  })
})

describe('changes for the store', () => {
  test('only what really changed, each once', () => {
    const store = memoryStateStore()
    const state = openMemoryState(store)
    state.setBalance(A, 5n)
    state.setBalance(B, 6n)
    state.setStorage(A, KEY, word(1))
    state.endTransaction()
    store.add(state.takeChanges())

    state.setBalance(A, 7n)
    state.setStorage(A, KEY, word(9))
    state.setCode(B, Uint8Array.of(1))
    state.revert(0)
    state.setBalance(B, 8n)
    state.setStorage(B, KEY, word(3))
    state.setStorage(B, OTHER, word(4))
    state.endTransaction()
    state.setStorage(B, OTHER, ZERO)
    state.endTransaction()
    const changes = state.takeChanges()
    expect(changes.flatAccounts.map(([address]) => keyOf(address))).toEqual([keyOf(B)])
    expect(decodeAccount(changes.flatAccounts[0]![1]!).balance).toBe(8n)
    expect(changes.flatSlots.map(([address, key, value]) => [keyOf(address), keyOf(key), value])).toEqual([
      [keyOf(B), keyOf(KEY), Uint8Array.of(3)],
    ])
    expect(changes.codes).toEqual([])
    expect(state.takeChanges()).toMatchObject({ root: changes.root, nodes: [], flatAccounts: [], flatSlots: [] })
    state.setBalance(B, 9n)
    state.endTransaction()
    expect(state.takeChanges().flatSlots).toEqual([])
  })

  test('hashing again hashes nothing, and a write hashes its path only', () => {
    const random = seededRandom(1)
    const state = openMemoryState()
    const addresses = Array.from({ length: 200 }, () => random.bytes(20))
    for (const address of addresses) state.setBalance(address, 1n)
    state.endTransaction()
    state.root()
    let hashes = 0
    setCryptoProvider({
      keccak256(data) {
        hashes++
        return nobleProvider.keccak256(data)
      },
    })
    state.root()
    expect(hashes).toBe(0)
    state.setBalance(addresses[0]!, 2n)
    state.endTransaction()
    state.root()
    expect(hashes).toBeGreaterThan(0)
    expect(hashes).toBeLessThanOrEqual(6)
  })

  test('proofs of an account and of a slot hold under the root', () => {
    const store = memoryStateStore()
    const state = openMemoryState(store)
    for (let i = 0; i < 50; i++) state.setBalance(new Uint8Array(20).fill(i), BigInt(i + 1))
    for (let i = 0; i < 50; i++) state.setStorage(A, new Uint8Array(32).fill(i), word(i + 1))
    state.setNonce(A, 1n)
    state.endTransaction()
    const changes = state.takeChanges()
    store.add(changes)
    const key = hashedKey(A)
    const proven = verifyProof(changes.root, key, createProof(new Trie(store.nodes, changes.root), key))
    if (!proven.valid || proven.value === null) throw new Error('account not proven')
    const { storageRoot } = decodeAccount(proven.value)
    const slot = hashedKey(new Uint8Array(32).fill(7))
    const proof = createProof(new Trie(store.nodes, storageRoot), slot)
    expect(verifyProof(storageRoot, slot, proof)).toEqual({ valid: true, value: Uint8Array.of(8) })
  })
})

test('what the store lacks is an error that says so', () => {
  const store = memoryStateStore()
  const missing = openMemoryState(store, KEY)
  expect(() => missing.balance(A)).toThrow(MissingNodeError)
  const state = openMemoryState(store)
  state.setCode(A, Uint8Array.of(1))
  state.endTransaction()
  const changes = state.takeChanges()
  store.nodes.add(changes.nodes)
  expect(() => openMemoryState(store, changes.root).code(A)).toThrow(MissingCodeError)
  expect(() => openMemoryState(store, changes.root).code(A)).toThrow(toHex(keccak256(Uint8Array.of(1))))
})

test('the flat table is asked instead of the trie', () => {
  const store = memoryStateStore()
  const state = openMemoryState(store)
  state.setBalance(A, 5n)
  state.setStorage(A, KEY, word(1))
  state.endTransaction()
  const { root, ...changes } = state.takeChanges()
  store.add({ root, ...changes })
  const noTrie = { node: () => undefined }
  const flat = openState({ root, nodes: noTrie, codes: store.codes, flat: store.flat })
  expect(flat.balance(A)).toBe(5n)
  expect(flat.storage(A, KEY)).toEqual(word(1))
  expect(flat.storage(A, OTHER)).toEqual(ZERO)
  expect(flat.balance(B)).toBe(0n)
})
