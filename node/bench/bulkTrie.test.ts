import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { keyOf } from '../src/codec/bytes.ts'
import { Trie } from '../src/trie/trie.ts'
import { bulkTrie } from './bulkTrie.ts'

test('a trie made at once is the one that is made key by key, node for node', async () => {
  const random = seededRandom(1)
  for (const size of [0, 1, 2, 3, 17, 300]) {
    // Few different first bytes, so that there are extensions; short values, so that nodes are embedded in others.
    const keys = new Map<string, Uint8Array>()
    while (keys.size < size) {
      const key = Uint8Array.of(random.below(3), 7, random.below(256), random.below(256), random.below(2))
      keys.set(keyOf(key), key)
    }
    const entries = [...keys.values()].map((key) => [key, new Uint8Array(1 + random.below(40)).fill(5)] as const)
    const trie = new Trie()
    for (const [key, value] of entries) trie.put(key, value)
    const stored: string[] = []
    const root = await bulkTrie([...entries], async (hash, rlp) => {
      stored.push(keyOf(hash) + keyOf(rlp))
    })
    expect(root).toEqual(trie.root())
    expect(stored.sort()).toEqual(
      trie
        .commit()
        .nodes.map(([hash, rlp]) => keyOf(hash) + keyOf(rlp))
        .sort(),
    )
  }
})
