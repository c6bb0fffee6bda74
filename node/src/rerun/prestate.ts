/** A state that has nothing but the accounts and slots that a transaction touches, as often as it is wanted. */
import { type JournaledState, openState } from '../state/journaledState.ts'
import { memoryStateStore, openMemoryState } from '../state/memoryState.ts'

export interface PrestateAccount {
  readonly address: Uint8Array
  readonly balance: bigint
  readonly nonce: bigint
  readonly code: Uint8Array
  /** Keys and values of 32 bytes. */
  readonly storage: readonly (readonly [key: Uint8Array, value: Uint8Array])[]
}

/** Each state that is opened begins with these accounts. */
export function prestateOf(accounts: readonly PrestateAccount[]): () => JournaledState {
  const store = memoryStateStore()
  const state = openMemoryState(store)
  for (const { address, balance, nonce, code, storage } of accounts) {
    state.setBalance(address, balance)
    state.setNonce(address, nonce)
    if (code.length > 0) state.setCode(address, code)
    for (const [key, value] of storage) state.setStorage(address, key, value)
  }
  state.endTransaction()
  const root = state.root()
  store.add(state.takeChanges())
  const { nodes, codes, flat } = store
  return () => openState({ root, nodes, codes, flat })
}
