/**
 * A trie made at once from all its entries, each node hashed once and handed out when those below it were: so a million
 * entries take as long as hashing them does, where writing them in batches hashes the upper nodes again for each.
 */
import { compareBytes } from '../src/codec/bytes.ts'
import { keccak256 } from '../src/crypto/keccak.ts'
import { nibblesOf } from '../src/trie/nibbles.ts'
import { BRANCH, EXTENSION, encodeNode, HASHED, hashRef, isHashRef, LEAF, type TrieNode } from '../src/trie/node.ts'
import { EMPTY_TRIE_ROOT } from '../src/types/accountCodec.ts'

export type BulkEntry = readonly [key: Uint8Array, value: Uint8Array]

/**
 * The root's hash. `entries`: keys of one length, each once, in any order; sorted in place. `stored`: each node that
 * has a record.
 */
export async function bulkTrie(
  entries: BulkEntry[],
  stored: (hash: Uint8Array, rlp: Uint8Array) => Promise<void>,
): Promise<Uint8Array> {
  if (entries.length === 0) return EMPTY_TRIE_ROOT
  entries.sort(([one], [other]) => compareBytes(one, other))
  const nibbleAt = (index: number, depth: number): number => {
    const byte = entries[index]![0][depth >> 1]!
    return depth % 2 === 0 ? byte >> 4 : byte & 0x0f
  }
  const ended = async (node: Exclude<TrieNode, { kind: typeof HASHED }>, isRoot: boolean): Promise<TrieNode> => {
    const rlp = encodeNode(node, (child) => child.ref!)
    if (rlp.length < 32 && !isRoot) {
      node.ref = rlp
      return node
    }
    const hash = keccak256(rlp)
    await stored(hash, rlp)
    return { kind: HASHED, ref: hashRef(hash) }
  }
  /** Of entries `from` up to `to`, all of which have the same first `depth` nibbles. */
  const build = async (from: number, to: number, depth: number): Promise<TrieNode> => {
    const isRoot = depth === 0
    const [key, value] = entries[from]!
    if (to - from === 1) {
      return ended({ kind: LEAF, path: nibblesOf(key).subarray(depth), value, ref: null, owner: null }, isRoot)
    }
    let shared = depth
    while (nibbleAt(from, shared) === nibbleAt(to - 1, shared)) shared += 1
    const children = new Array<TrieNode | null>(16).fill(null)
    for (let at = from; at < to; ) {
      const nibble = nibbleAt(at, shared)
      let end = at + 1
      while (end < to && nibbleAt(end, shared) === nibble) end += 1
      children[nibble] = await build(at, end, shared + 1)
      at = end
    }
    const child = await ended(
      { kind: BRANCH, children, value: null, ref: null, owner: null, source: null, original: null },
      isRoot && shared === 0,
    )
    if (shared === depth) return child
    const path = nibblesOf(key).subarray(depth, shared)
    return ended({ kind: EXTENSION, path, child, ref: null, owner: null }, isRoot)
  }
  const { ref } = await build(0, entries.length, 0)
  if (ref === null || !isHashRef(ref)) throw new Error('the root of a trie is stored under its hash')
  return ref.slice(1)
}
