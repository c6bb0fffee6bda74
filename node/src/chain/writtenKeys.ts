/**
 * Addresses and slots of which the database is known to have the record already: a chain writes to the same ones again and
 * again. Bounded, in two generations: one that was forgotten is written once more.
 */
import { keyOf } from '../codec/bytes.ts'
import { MAX_WRITTEN_KEYS } from './limits.ts'

export class WrittenKeys {
  readonly #generation: number
  #young = new Set<string>()
  #old = new Set<string>()

  constructor(generation = MAX_WRITTEN_KEYS) {
    this.#generation = generation
  }

  /** Those that are to be written. */
  unwritten(keys: readonly Uint8Array[]): readonly Uint8Array[] {
    return keys.filter((key) => {
      const name = keyOf(key)
      return !this.#young.has(name) && !this.#old.has(name)
    })
  }

  /** They are on the disk. */
  add(keys: readonly Uint8Array[]): void {
    for (const key of keys) {
      if (this.#young.size >= this.#generation) {
        this.#old = this.#young
        this.#young = new Set()
      }
      this.#young.add(keyOf(key))
    }
  }
}
