/** A state whose store is memory: for tests, for genesis before there is a database, for replay. */
import { keyOf } from '../codec/bytes.ts'
import { hashedKey } from '../trie/keyHashes.ts'
import { type MemoryNodes, memoryNodes } from '../trie/nodeStore.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { type JournaledState, openState } from './journaledState.ts'
import type { CodeReader, FlatReader, StateChanges } from './stateStore.ts'

export interface MemoryStateStore {
  readonly nodes: MemoryNodes
  readonly codes: CodeReader
  /** At the root of the changes added last. */
  readonly flat: FlatReader
  /** Adds a block's changes, as a chain does. */
  add(changes: StateChanges): void
}

export function memoryStateStore(): MemoryStateStore {
  const nodes = memoryNodes()
  const codes = new Map<string, Uint8Array>()
  const accounts = new Map<string, Uint8Array>()
  const slots = new Map<string, Map<string, Uint8Array>>()
  return {
    nodes,
    codes: { code: (hash) => codes.get(keyOf(hash)) },
    flat: {
      account: (address) => accounts.get(keyOf(hashedKey(address))),
      slot: (address, key) => slots.get(keyOf(hashedKey(address)))?.get(keyOf(hashedKey(key))),
    },
    add(changes) {
      nodes.add(changes.nodes)
      for (const [hash, code] of changes.codes) codes.set(keyOf(hash), code)
      for (const address of changes.wipedAccounts) slots.delete(keyOf(hashedKey(address)))
      const { accounts: ofAccounts, slots: ofSlots } = changes.wentBack ?? {
        accounts: changes.flatAccounts.map(([address, rlp]) => [hashedKey(address), rlp] as const),
        slots: changes.flatSlots.map(([address, key, value]) => [hashedKey(address), hashedKey(key), value] as const),
      }
      for (const [address, rlp] of ofAccounts) {
        if (rlp === null) accounts.delete(keyOf(address))
        else accounts.set(keyOf(address), rlp)
      }
      for (const [address, key, value] of ofSlots) {
        const name = keyOf(address)
        const ofAccount = slots.get(name) ?? new Map<string, Uint8Array>()
        slots.set(name, ofAccount)
        if (value === null) ofAccount.delete(keyOf(key))
        else ofAccount.set(keyOf(key), value)
      }
    },
  }
}

/** A state over `store`, empty unless a root is given; reads go through the trie. */
export function openMemoryState(store = memoryStateStore(), root: Uint8Array = EMPTY_TRIE_ROOT): JournaledState {
  return openState({ root, nodes: store.nodes, codes: store.codes })
}
