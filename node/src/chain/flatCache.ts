/**
 * The flat tables as the thread that writes them reads them: what was read or written last is kept in memory, since blocks
 * that follow each other touch the same accounts and slots. Bounded, in two generations; an entry that is read stays.
 *
 * Nobody else may write to the tables, and each block's changes have to be told before the state after it is read.
 */
import { keyOf } from '../codec/bytes.ts'
import type { FlatReader, StateChanges } from '../state/stateStore.ts'
import { MAX_FLAT_CACHED } from './limits.ts'

type Changes = Pick<StateChanges, 'flatAccounts' | 'flatSlots' | 'wipedAccounts' | 'wentBack'>

export class FlatCache implements FlatReader {
  readonly #tables: FlatReader
  readonly #generation: number
  /** Null: the table has no such entry. */
  #young = new Map<string, Uint8Array | null>()
  #old = new Map<string, Uint8Array | null>()

  constructor(tables: FlatReader, generation = MAX_FLAT_CACHED) {
    this.#tables = tables
    this.#generation = generation
  }

  /** See {@link FlatReader.account}. Shared: not to be written to. */
  account(address: Uint8Array): Uint8Array | undefined {
    const name = keyOf(address)
    const known = this.#known(name)
    if (known !== undefined) return known ?? undefined
    const read = this.#tables.account(address)
    this.#keep(name, read ?? null)
    return read
  }

  /** See {@link FlatReader.slot}. Shared: not to be written to. */
  slot(address: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    const name = nameOfSlot(address, key)
    const known = this.#known(name)
    if (known !== undefined) return known ?? undefined
    const read = this.#tables.slot(address, key)
    this.#keep(name, read ?? null)
    return read
  }

  /** The tables have what a block changed. */
  follow({ flatAccounts, flatSlots, wipedAccounts, wentBack }: Changes): void {
    // Neither says which entries of ours it changed, and both are rare.
    if (wipedAccounts.length > 0 || wentBack !== null) {
      this.#young = new Map()
      this.#old = new Map()
    }
    for (const [address, rlp] of flatAccounts) this.#keep(keyOf(address), rlp)
    for (const [address, key, value] of flatSlots) this.#keep(nameOfSlot(address, key), value)
  }

  #known(name: string): Uint8Array | null | undefined {
    const young = this.#young.get(name)
    if (young !== undefined) return young
    const old = this.#old.get(name)
    if (old !== undefined) this.#keep(name, old)
    return old
  }

  #keep(name: string, value: Uint8Array | null): void {
    if (this.#young.size >= this.#generation && !this.#young.has(name)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(name, value)
  }
}

/** Longer than that of any account. */
function nameOfSlot(address: Uint8Array, key: Uint8Array): string {
  return keyOf(address) + keyOf(key)
}
