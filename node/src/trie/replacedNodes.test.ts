import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { memoryNodes } from './nodeStore.ts'
import { storedNodesBelow } from './scan.ts'
import { Trie } from './trie.ts'

/** Nodes of a trie by how many places they stand at. */
type Counts = Map<string, number>

function add(counts: Counts, hash: Uint8Array, by: number): void {
  const count = (counts.get(keyOf(hash)) ?? 0) + by
  if (count < 0) throw new Error('a node went more often than it came')
  if (count === 0) counts.delete(keyOf(hash))
  else counts.set(keyOf(hash), count)
}

/**
 * Few keys that share much of their paths, so that branches come, collapse and come again, with nodes equal at several
 * places.
 */
const keyFrom = (pick: (below: number) => number) =>
  Uint8Array.from({ length: 4 }, (_, at) => (at === 3 ? pick(3) : pick(4)) * (pick(2) === 0 ? 17 : 1))

test('what a commit adds and takes away is what the trie has after it, node by node and place by place', () => {
  const random = seededRandom(20)
  const pick = (below: number) => random.below(below)
  for (let run = 0; run < 12; run++) {
    const store = memoryNodes()
    const counts: Counts = new Map()
    const reader = {
      node: store.node,
      nodeAtHand: (hash: Uint8Array) => (pick(2) === 0 ? store.node(hash) : undefined),
    }
    const someValue = () => new Uint8Array([1, 40][pick(2)]!).fill(pick(2) + 1)
    let trie = new Trie(reader)
    for (let commit = 0; commit < 12; commit++) {
      for (let write = pick(30); write > 0; write--) {
        // Of four values, that which was there until now is often guessed right.
        if (pick(3) === 0) trie.del(keyFrom(pick))
        else trie.put(keyFrom(pick), someValue(), pick(3) === 0 ? null : someValue())
        // Hashed in between, read in between, gone on with as a copy: none of it shows.
        if (pick(8) === 0) trie.root()
        if (pick(8) === 0) trie.get(keyFrom(pick))
        if (pick(8) === 0) {
          const fork = trie.fork()
          const other = pick(2) === 0 ? fork : trie
          trie = other === fork ? trie : fork
          other.put(keyFrom(pick), Uint8Array.of(9))
          other.commit()
        }
      }
      const { root, nodes, gone } = trie.commit()
      for (const [hash] of nodes) add(counts, hash, 1)
      for (const hash of gone) add(counts, hash, -1)
      store.add(nodes)
      const walked: Counts = new Map()
      for (const [hash] of storedNodesBelow(store, root)) add(walked, hash, 1)
      expect(counts).toEqual(walked)
      if (pick(3) === 0) trie = new Trie(reader, root)
      // Another that goes on from here and comes to nothing.
      const other = pick(2) === 0 ? trie.fork() : new Trie(reader, root)
      for (let write = pick(8); write > 0; write--) {
        if (pick(2) === 0) other.del(keyFrom(pick))
        else other.put(keyFrom(pick), someValue(), someValue())
      }
      if (pick(2) === 0) other.commit()
    }
    for (const [key] of [...trie.entries()]) trie.del(key)
    const { root, nodes, gone } = trie.commit()
    for (const hash of gone) add(counts, hash, -1)
    expect([root, nodes, counts.size]).toEqual([EMPTY_TRIE_ROOT, [], 0])
  }
})
