/** Random transactions with nested, reverted frames, against the naive state; roots against @ethereumjs/mpt. */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { NaiveState } from '../../test/support/naiveState.ts'
import { keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import type { NodeReader } from '../trie/nodeStore.ts'
import { type JournaledState, openState } from './journaledState.ts'
import { type MemoryStateStore, memoryStateStore, openMemoryState } from './memoryState.ts'

const ADDRESSES = Array.from({ length: 6 }, (_, i) => new Uint8Array(20).fill(i + 1))
const KEYS = Array.from({ length: 5 }, (_, i) => new Uint8Array(32).fill(i))
const VALUES = [
  new Uint8Array(32),
  ...[1, 2, 200].map((byte) => Uint8Array.from({ length: 32 }, (_, i) => (i > 20 ? byte : 0))),
]

function randomChange(random: Random, state: JournaledState, naive: NaiveState): void {
  const address = random.pick(ADDRESSES)
  const key = random.pick(KEYS)
  switch (random.below(10)) {
    case 0: {
      const balance = BigInt(random.pick([0, 0, 1, 5]))
      state.setBalance(address, balance)
      naive.change(address, (account) => {
        account.balance = balance
      })
      break
    }
    case 1: {
      const nonce = BigInt(random.below(2))
      state.setNonce(address, nonce)
      naive.change(address, (account) => {
        account.nonce = nonce
      })
      break
    }
    case 2: {
      const code = random.pick([new Uint8Array(0), Uint8Array.of(1), Uint8Array.of(2, 3)])
      state.setCode(address, code)
      naive.change(address, (account) => {
        account.code = keyOf(code)
      })
      break
    }
    case 3:
    case 4:
    case 5:
    case 6: {
      const value = random.pick(VALUES)
      state.setStorage(address, key, value)
      naive.setStorage(address, key, value)
      break
    }
    case 7: {
      const value = random.pick(VALUES)
      state.setTransient(address, key, value)
      naive.scratch.transient.set(keyOf(address) + keyOf(key), keyOf(value))
      break
    }
    case 8: {
      const [name, cold] =
        random.below(2) === 0
          ? [keyOf(address), state.warmAddress(address)]
          : [keyOf(address) + keyOf(key), state.warmSlot(address, key)]
      expect(cold).toBe(!naive.scratch.warm.has(name))
      naive.scratch.warm.add(name)
      break
    }
    default: {
      const gas = BigInt(random.below(100) - 50)
      state.addRefund(gas)
      naive.scratch.refund += gas
      state.addLog({ address, topics: [], data: Uint8Array.of(naive.scratch.logs.length) })
      naive.scratch.logs.push(naive.scratch.logs.length)
    }
  }
}

function compare(state: JournaledState, naive: NaiveState, at: string): void {
  for (const address of ADDRESSES) {
    const expected = naive.account(address)
    expect(state.nonce(address), at).toBe(expected.nonce)
    expect(state.balance(address), at).toBe(expected.balance)
    expect(keyOf(state.code(address)), at).toBe(expected.code)
    const isEmpty = expected.nonce === 0n && expected.balance === 0n && expected.code === ''
    expect(state.isEmpty(address), at).toBe(isEmpty)
    expect(state.exists(address), at).toBe(!isEmpty)
    expect(state.hasStorage(address), `${at} storage of ${keyOf(address)}`).toBe(expected.storage.size > 0)
    for (const key of KEYS) {
      expect(keyOf(state.storage(address, key)), at).toBe(naive.storage(address, key))
      expect(keyOf(state.originalStorage(address, key)), at).toBe(naive.originalStorage(address, key))
      const transient = naive.scratch.transient.get(keyOf(address) + keyOf(key)) ?? '00'.repeat(32)
      expect(keyOf(state.transient(address, key)), at).toBe(transient)
    }
  }
  expect(state.refund(), at).toBe(naive.scratch.refund)
  expect(
    state.logs().map(({ data }) => data[0]),
    at,
  ).toEqual(naive.scratch.logs)
}

/** Frames inside frames, each kept or reverted. */
function randomFrame(random: Random, state: JournaledState, naive: NaiveState, depth: number): void {
  for (let i = random.below(6); i >= 0; i--) {
    if (depth < 4 && random.below(3) === 0) {
      const checkpoints = [state.checkpoint(), naive.checkpoint()] as const
      randomFrame(random, state, naive, depth + 1)
      if (random.below(2) === 0) {
        state.revert(checkpoints[0])
        naive.revert(checkpoints[1])
      }
    } else {
      randomChange(random, state, naive)
    }
  }
}

/** None is in memory: leaves are made of what the flat table says. */
function noneAtHand({ nodes }: MemoryStateStore): NodeReader {
  return { node: nodes.node, nodeAtHand: () => undefined }
}

test('blocks of random transactions, reopened through the trie or the flat table', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed)
    const store = memoryStateStore()
    const naive = new NaiveState()
    let state = openMemoryState(store)
    const history: { root: Uint8Array; balances: bigint[]; slots: string[] }[] = []
    for (let block = 0; block < 5; block++) {
      for (let transaction = random.below(5); transaction >= 0; transaction--) {
        randomFrame(random, state, naive, 0)
        compare(state, naive, `seed ${seed} block ${block} inside`)
        state.endTransaction()
        naive.endTransaction()
        if (random.below(3) === 0) state.root()
        if (random.below(2) === 0) compare(state, naive, `seed ${seed} block ${block} after`)
      }
      const changes = state.takeChanges()
      expect(toHex(changes.root), `seed ${seed} block ${block}`).toBe(await naive.root())
      store.add(changes)
      history.push({
        root: changes.root,
        balances: ADDRESSES.map((address) => naive.account(address).balance),
        slots: ADDRESSES.map((address) => naive.storage(address, KEYS[1]!)),
      })
      const way = random.below(3)
      if (way === 0) state = openMemoryState(store, changes.root)
      if (way === 1)
        state = openState({ root: changes.root, nodes: noneAtHand(store), codes: store.codes, flat: store.flat })
      compare(state, naive, `seed ${seed} block ${block} reopened ${way}`)
    }
    for (const { root, balances, slots } of history) {
      const old = openMemoryState(store, root)
      expect(ADDRESSES.map((address) => old.balance(address))).toEqual(balances)
      expect(ADDRESSES.map((address) => keyOf(old.storage(address, KEYS[1]!)))).toEqual(slots)
    }
  }
})
