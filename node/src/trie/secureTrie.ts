import { hashedKey } from './keyHashes.ts'
import type { NodeReader } from './nodeStore.ts'
import { Trie, type TrieChanges } from './trie.ts'

/**
 * A trie over keccak256 of its keys, as the state trie and storage tries are: nobody can choose keys that make paths
 * deep. Everything else as in `Trie`.
 */
export class SecureTrie {
  /** The trie over hashed keys: proofs are made from it with `createProof(secure.raw, hashedKey(key))`. */
  readonly raw: Trie

  constructor(raw: Trie = new Trie()) {
    this.raw = raw
  }

  static open(nodes: NodeReader, root: Uint8Array): SecureTrie {
    return new SecureTrie(new Trie(nodes, root))
  }

  get(key: Uint8Array): Uint8Array | null {
    return this.raw.get(hashedKey(key))
  }

  put(key: Uint8Array, value: Uint8Array, before: Uint8Array | null = null): void {
    this.raw.put(hashedKey(key), value, before)
  }

  del(key: Uint8Array): void {
    this.raw.del(hashedKey(key))
  }

  get isEmpty(): boolean {
    return this.raw.isEmpty
  }

  root(): Uint8Array {
    return this.raw.root()
  }

  commit(): TrieChanges {
    return this.raw.commit()
  }

  fork(): SecureTrie {
    return new SecureTrie(this.raw.fork())
  }
}
