/**
 * The flat tables as the thread that writes them reads them: what was read or written last is kept in memory, since blocks
 * that follow each other touch the same accounts and slots.
 *
 * Nobody else may write to the tables, and each block's changes have to be told before the state after it is read.
 */
import { RecentMap } from '../bounds/recentMap.ts'
import { keyOf } from '../codec/bytes.ts'
import type { FlatReader, StateChanges } from '../state/stateStore.ts'
import { MAX_FLAT_CACHED } from './limits.ts'

type Changes = Pick<StateChanges, 'flatAccounts' | 'flatSlots' | 'wipedAccounts' | 'wentBack'>

export class FlatCache implements FlatReader {
  readonly #tables: FlatReader
  /** Null: the table has no such entry. */
  readonly #known: RecentMap<Uint8Array | null>

  constructor(tables: FlatReader, generation = MAX_FLAT_CACHED) {
    this.#tables = tables
    this.#known = new RecentMap(generation)
  }

  /** See {@link FlatReader.account}. Shared: not to be written to. */
  account(address: Uint8Array): Uint8Array | undefined {
    const name = keyOf(address)
    const known = this.#known.get(name)
    if (known !== undefined) return known ?? undefined
    const read = this.#tables.account(address)
    this.#known.set(name, read ?? null)
    return read
  }

  /** See {@link FlatReader.slot}. Shared: not to be written to. */
  slot(address: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    const name = nameOfSlot(address, key)
    const known = this.#known.get(name)
    if (known !== undefined) return known ?? undefined
    const read = this.#tables.slot(address, key)
    this.#known.set(name, read ?? null)
    return read
  }

  /** The tables have what a block changed. */
  follow({ flatAccounts, flatSlots, wipedAccounts, wentBack }: Changes): void {
    // Neither says which entries of ours it changed, and both are rare.
    if (wipedAccounts.length > 0 || wentBack !== null) this.#known.clear()
    for (const [address, rlp] of flatAccounts) this.#known.set(keyOf(address), rlp)
    for (const [address, key, value] of flatSlots) this.#known.set(nameOfSlot(address, key), value)
  }
}

/** Longer than that of any account. */
function nameOfSlot(address: Uint8Array, key: Uint8Array): string {
  return keyOf(address) + keyOf(key)
}
