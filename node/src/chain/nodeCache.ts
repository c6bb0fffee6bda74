import { keyOf } from '../codec/bytes.ts'

/** Memory of an entry beside its bytes: key string, Map slot, typed array. An estimate. */
const ENTRY_OVERHEAD = 256

/**
 * Byte strings by hash, bounded by bytes, in two generations: when the young one is full it becomes the old one, and
 * the old one goes. An entry that is read moves to the young one. No list to keep in order, and used entries stay.
 */
export class NodeCache {
  readonly #generationBytes: number
  #young = new Map<string, Uint8Array>()
  #old = new Map<string, Uint8Array>()
  #youngBytes = 0

  constructor(maxBytes: number) {
    this.#generationBytes = Math.floor(maxBytes / 2)
  }

  get(hash: Uint8Array): Uint8Array | undefined {
    const key = keyOf(hash)
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.#add(key, old)
    return old
  }

  set(hash: Uint8Array, value: Uint8Array): void {
    this.#add(keyOf(hash), value)
  }

  /** Nobody is likely to ask for it again; whoever does reads it anew. */
  delete(hash: Uint8Array): void {
    const key = keyOf(hash)
    const young = this.#young.get(key)
    if (young !== undefined) {
      this.#young.delete(key)
      this.#youngBytes -= young.length + ENTRY_OVERHEAD
    }
    this.#old.delete(key)
  }

  #add(key: string, value: Uint8Array): void {
    if (this.#young.has(key)) return
    if (this.#youngBytes + value.length + ENTRY_OVERHEAD > this.#generationBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    this.#young.set(key, value)
    this.#youngBytes += value.length + ENTRY_OVERHEAD
  }
}
