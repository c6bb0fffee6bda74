import { RecentMap } from '../bounds/recentMap.ts'
import { keyOf } from '../codec/bytes.ts'

/** Memory of an entry beside its bytes: key string, Map slot, typed array. An estimate. */
const ENTRY_OVERHEAD = 256

/** Byte strings by hash, bounded by bytes. */
export class NodeCache {
  readonly #nodes: RecentMap<Uint8Array>

  constructor(maxBytes: number) {
    this.#nodes = new RecentMap(Math.floor(maxBytes / 2), ({ length }) => length + ENTRY_OVERHEAD)
  }

  get(hash: Uint8Array): Uint8Array | undefined {
    return this.#nodes.get(keyOf(hash))
  }

  set(hash: Uint8Array, value: Uint8Array): void {
    this.#nodes.set(keyOf(hash), value)
  }

  /** Nobody is likely to ask for it again; whoever does reads it anew. */
  delete(hash: Uint8Array): void {
    this.#nodes.delete(keyOf(hash))
  }
}
