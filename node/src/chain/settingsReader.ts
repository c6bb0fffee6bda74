/**
 * Reads the settings of dev mode from states of one chain and keeps the last, by the root of the storage that they stand
 * in: a block has them read twice, and few blocks change any. A state must be one after a block, without changes of its
 * own.
 */
import { equalBytes } from '../codec/bytes.ts'
import { DEV_ADDRESS, type DevSettings } from '../execution/dev/devStorage.ts'
import { settingsAfter } from '../execution/dev/nextHeader.ts'
import type { JournaledState } from '../state/journaledState.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import type { Genesis } from '../types/genesis.ts'

export class SettingsReader {
  readonly #genesis: Pick<Genesis, 'dev'>
  #read: { readonly root: Uint8Array; readonly settings: DevSettings | null } | null = null

  constructor(genesis: Pick<Genesis, 'dev'>) {
    this.#genesis = genesis
  }

  /** Null on a chain that is not in dev mode. */
  at(state: Pick<JournaledState, 'account' | 'storage'>): DevSettings | null {
    if (this.#genesis.dev === undefined) return null
    const root = state.account(DEV_ADDRESS)?.storageRoot ?? EMPTY_TRIE_ROOT
    if (this.#read === null || !equalBytes(root, this.#read.root)) {
      this.#read = { root: root.slice(), settings: settingsAfter(state, this.#genesis) }
    }
    return this.#read.settings
  }
}
