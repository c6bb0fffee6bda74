/** Random histories, against @ethereumjs/mpt for roots and against a Map for contents. */
import { createMerkleProof, MerklePatriciaTrie, verifyMerkleProof } from '@ethereumjs/mpt'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { memoryNodes, type NodeReader } from './nodeStore.ts'
import { createProof, verifyProof } from './proof.ts'
import { Trie } from './trie.ts'

/** Keys that share long prefixes, so that nodes split and merge; values short enough to be embedded, and long ones. */
function keysFor(random: Random, sameLength: boolean): Uint8Array[] {
  const length = random.pick([1, 2, 4, 32])
  return Array.from({ length: 40 }, () => {
    const key = new Uint8Array(sameLength ? length : 1 + random.below(length))
    for (let i = 0; i < key.length; i++) key[i] = random.below(3) * 16 + random.below(2)
    return key
  })
}

/** A reader that has some of its nodes in memory, others now and then. */
function withSomeAtHand(nodes: NodeReader, random: Random): NodeReader {
  return {
    node: (hash) => nodes.node(hash),
    nodeAtHand: (hash) => (random.below(3) === 0 ? nodes.node(hash) : undefined),
  }
}

/**
 * Their trie after the same history. Where a key is a prefix of another, @ethereumjs/mpt 10.1.3 gets some deletions
 * wrong: its root is then not that of its own trie built from the remaining entries. So there it is built anew.
 */
async function theirTrie(model: ReadonlyMap<string, Uint8Array>): Promise<MerklePatriciaTrie> {
  const trie = new MerklePatriciaTrie()
  for (const [key, value] of model) await trie.put(fromHex(`0x${key}`), value)
  return trie
}

test('roots, contents, reloads, forks and proofs over 50 seeds', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = seededRandom(seed)
    const sameLength = random.below(4) > 0
    const keys = keysFor(random, sameLength)
    const nodes = memoryNodes()
    const reader = withSomeAtHand(nodes, seededRandom(1_000 + seed))
    let trie = new Trie(reader)
    let theirs = new MerklePatriciaTrie({ useRootPersistence: false })
    const model = new Map<string, Uint8Array>()
    for (let step = 0; step < 60; step++) {
      const key = random.pick(keys)
      if (random.below(3) === 0) {
        trie.del(key)
        if (sameLength) await theirs.del(key)
        model.delete(keyOf(key))
      } else {
        const value = random.bytes(random.pick([1, 3, 20, 33, 70]))
        // The value until now, none, or one that is wrong: none of it shows.
        trie.put(key, value, random.pick([model.get(keyOf(key)) ?? null, null, random.bytes(33)]))
        if (sameLength) await theirs.put(key, value)
        model.set(keyOf(key), value)
      }
      const at = `seed ${seed} step ${step}`
      if (random.below(6) === 0) {
        if (!sameLength) theirs = await theirTrie(model)
        expect(toHex(trie.root()), at).toBe(toHex(theirs.root()))
      }
      if (random.below(12) === 0) {
        const fork = trie.fork()
        fork.put(random.pick(keys), random.bytes(5))
        fork.del(random.pick(keys))
        if (random.below(2) === 0) fork.root()
      }
      if (random.below(10) === 0) {
        const { root, nodes: fresh } = trie.commit()
        nodes.add(fresh)
        if (random.below(2) === 0) trie = new Trie(reader, root)
      }
    }
    if (!sameLength) theirs = await theirTrie(model)
    expect(toHex(trie.root()), `seed ${seed}`).toBe(toHex(theirs.root()))
    expect(trie.isEmpty).toBe(model.size === 0)
    expect([...trie.entries()].map(([key]) => keyOf(key))).toEqual([...model.keys()].sort())
    for (const key of [...keys.slice(0, 10), random.bytes(4)]) {
      const expected = model.get(keyOf(key)) ?? null
      expect(trie.get(key), `seed ${seed}`).toEqual(expected)
      const proof = createProof(trie, key)
      expect(verifyProof(trie.root(), key, proof), `seed ${seed}`).toEqual({ valid: true, value: expected })
      // They list embedded nodes once more by themselves; go-ethereum and EIP-1186's users do not.
      const theirProof = (await createMerkleProof(theirs, key)).filter((rlp, i) => i === 0 || rlp.length >= 32)
      expect(proof.map(toHex), `seed ${seed}`).toEqual(theirProof.map(toHex))
      if (model.size > 0) expect(await verifyMerkleProof(key, proof as Uint8Array[])).toEqual(expected)
    }
  }
})
