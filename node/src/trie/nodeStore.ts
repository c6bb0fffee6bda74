/** Where a trie finds the nodes it does not have in memory: the database on a node, a map in tests. */
import { keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'

/** A trie node as it is stored: under the keccak256 of its RLP. */
export type StoredNode = readonly [hash: Uint8Array, rlp: Uint8Array]

export interface NodeReader {
  /** The RLP whose keccak256 is `hash`; undefined when absent. Not to be written to afterwards. */
  node(hash: Uint8Array): Uint8Array | undefined
  /** The same, only from memory; undefined also where it would have to be read. Readers without it read all they have. */
  nodeAtHand?(hash: Uint8Array): Uint8Array | undefined
}

/** For tries that start empty and never read. */
export const noNodes: NodeReader = { node: () => undefined }

/** Nodes in memory, for tests and for tries that are thrown away. */
export interface MemoryNodes extends NodeReader {
  add(nodes: Iterable<StoredNode>): void
  readonly size: number
}

export function memoryNodes(): MemoryNodes {
  const nodes = new Map<string, Uint8Array>()
  return {
    node: (hash) => nodes.get(keyOf(hash)),
    add(added) {
      for (const [hash, rlp] of added) nodes.set(keyOf(hash), rlp)
    },
    get size() {
      return nodes.size
    },
  }
}

/** A node that must be there is not: the store is corrupt, or does not keep the state of this root. */
export class MissingNodeError extends Error {
  override readonly name = 'MissingNodeError'
  readonly hash: Uint8Array
  constructor(hash: Uint8Array) {
    super(`trie node ${toHex(hash)} is not in the store: the database is damaged or lacks the state of this block`)
    this.hash = hash
  }
}
