/**
 * Addresses and slots of which the database is known to have the record already: a chain writes to the same ones again and
 * again. Bounded: one that was forgotten is written once more.
 */
import { RecentMap } from '../bounds/recentMap.ts'
import { keyOf } from '../codec/bytes.ts'
import { MAX_WRITTEN_KEYS } from './limits.ts'

export class WrittenKeys {
  readonly #known: RecentMap<true>

  constructor(generation = MAX_WRITTEN_KEYS) {
    this.#known = new RecentMap(generation)
  }

  /** Those that are to be written. */
  unwritten(keys: readonly Uint8Array[]): readonly Uint8Array[] {
    return keys.filter((key) => this.#known.peek(keyOf(key)) === undefined)
  }

  /** They are on the disk. */
  add(keys: readonly Uint8Array[]): void {
    for (const key of keys) this.#known.set(keyOf(key), true)
  }
}
