import { keyOf } from '../codec/bytes.ts'
import type { NodeReader } from './nodeStore.ts'

/** Of each of two generations; a node has at most 532 bytes unless its value is longer. */
export const DEFAULT_CACHED_NODES = 32_768

/**
 * Remembers the nodes read last, as they are stored: the top of the state trie is read by every block. Nodes are named
 * by their hash, so what is remembered never goes stale.
 */
export function cachedNodes(reader: NodeReader, maxNodes = DEFAULT_CACHED_NODES): NodeReader {
  let recent = new Map<string, Uint8Array>()
  let older = new Map<string, Uint8Array>()
  return {
    node(hash) {
      const name = keyOf(hash)
      const known = recent.get(name)
      if (known !== undefined) return known
      const rlp = older.get(name) ?? reader.node(hash)
      if (rlp === undefined) return undefined
      if (recent.size >= maxNodes) {
        older = recent
        recent = new Map()
      }
      recent.set(name, rlp)
      return rlp
    },
  }
}
