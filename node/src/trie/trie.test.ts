import { MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { seededRandom } from '@touchstone/vm/testing/random'
import { afterEach, describe, expect, test } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { toHex } from '../codec/hex.ts'
import { nobleProvider } from '../crypto/nobleProvider.ts'
import { setCryptoProvider } from '../crypto/provider.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { hashedKey } from './keyHashes.ts'
import { BRANCH, branchChild, decodeNode, encodeNode, HASHED, hashRef, LEAF } from './node.ts'
import { MissingNodeError, memoryNodes, type NodeReader } from './nodeStore.ts'
import { orderedTrieRoot } from './orderedTrie.ts'
import { SecureTrie } from './secureTrie.ts'
import { Trie } from './trie.ts'

afterEach(() => setCryptoProvider(nobleProvider))

/** Counts hashes while `run` runs. */
function hashesDuring(run: () => void): number {
  let count = 0
  setCryptoProvider({
    keccak256(data) {
      count++
      return nobleProvider.keccak256(data)
    },
  })
  run()
  setCryptoProvider(nobleProvider)
  return count
}

const random = seededRandom(1)
const entries = Array.from({ length: 500 }, () => [random.bytes(32), random.bytes(40)] as const)

function filled(nodes = memoryNodes()): Trie {
  const trie = new Trie(nodes)
  for (const [key, value] of entries) trie.put(key, value)
  return trie
}

test('an empty trie has the well-known root and nothing in it', () => {
  const trie = new Trie()
  expect(trie.root()).toEqual(EMPTY_TRIE_ROOT)
  expect(trie.isEmpty).toBe(true)
  expect(trie.get(new Uint8Array(32))).toBeNull()
  trie.del(new Uint8Array(32))
  expect(trie.commit()).toEqual({ root: EMPTY_TRIE_ROOT, nodes: [], gone: [] })
})

test('one short entry is stored under its hash all the same', () => {
  const nodes = memoryNodes()
  const trie = new Trie(nodes)
  trie.put(Uint8Array.of(1), Uint8Array.of(2))
  const { root, nodes: fresh } = trie.commit()
  expect(fresh.length).toBe(1)
  nodes.add(fresh)
  expect(new Trie(nodes, root).get(Uint8Array.of(1))).toEqual(Uint8Array.of(2))
})

describe('hashing', () => {
  test('each dirty node is hashed once, however many writes went through it', () => {
    const trie = filled()
    let fresh = 0
    const hashes = hashesDuring(() => {
      fresh = trie.commit().nodes.length
    })
    expect(hashes).toBe(fresh)
    expect(hashesDuring(() => trie.root())).toBe(0)
  })

  test('writing what is there already hashes nothing, loaded or not', () => {
    const nodes = memoryNodes()
    const trie = filled(nodes)
    const { root, nodes: fresh } = trie.commit()
    nodes.add(fresh)
    for (const tested of [trie, new Trie(nodes, root)]) {
      const hashes = hashesDuring(() => {
        for (const [key, value] of entries.slice(0, 50)) tested.put(key, value.slice())
        for (let i = 0; i < 50; i++) tested.del(seededRandom(i + 100).bytes(32))
        expect(tested.root()).toEqual(root)
      })
      expect(hashes).toBe(0)
      expect(tested.commit().nodes).toEqual([])
    }
  })

  test('one write hashes its path and nothing else', () => {
    const trie = filled()
    trie.commit()
    const depth = trie.nodesOnPath(entries[0]![0]).length
    trie.put(entries[0]![0], Uint8Array.of(1))
    let fresh = 0
    expect(
      hashesDuring(() => {
        fresh = trie.commit().nodes.length
      }),
    ).toBeLessThanOrEqual(depth)
    expect(fresh).toBeGreaterThan(0)
  })
})

describe('the store', () => {
  test('a root is all it takes to read everything back, in order', () => {
    const nodes = memoryNodes()
    const { root, nodes: fresh } = filled(nodes).commit()
    nodes.add(fresh)
    const trie = new Trie(nodes, root)
    for (const [key, value] of entries) expect(trie.get(key)).toEqual(value)
    const read = [...new Trie(nodes, root).entries()].map(([key, value]) => [keyOf(key), keyOf(value)])
    expect(read).toEqual(
      entries.map(([key, value]) => [keyOf(key), keyOf(value)]).sort(([a], [b]) => (a! < b! ? -1 : 1)),
    )
  })

  test('every committed root stays readable', () => {
    const nodes = memoryNodes()
    const trie = new Trie(nodes)
    const roots: { root: Uint8Array; upTo: number }[] = []
    for (let upTo = 50; upTo <= 300; upTo += 50) {
      for (const [key, value] of entries.slice(upTo - 50, upTo)) trie.put(key, value)
      if (upTo > 100) trie.del(entries[upTo - 100]![0])
      const { root, nodes: fresh } = trie.commit()
      nodes.add(fresh)
      roots.push({ root, upTo })
    }
    for (const { root, upTo } of roots) {
      const old = new Trie(nodes, root)
      expect(old.get(entries[upTo - 1]![0])).toEqual(entries[upTo - 1]![1])
      expect(old.get(entries[upTo]![0])).toBeNull()
    }
  })

  test('a node that is not there is named', () => {
    const nodes = memoryNodes()
    const { root } = filled(nodes).commit()
    expect(() => new Trie(nodes, root).get(entries[0]![0])).toThrow(MissingNodeError)
    expect(() => new Trie(nodes, root).get(entries[0]![0])).toThrow(toHex(root))
  })
})

describe('forks', () => {
  test('neither sees what the other writes', () => {
    const trie = filled()
    const root = trie.root()
    const fork = trie.fork()
    fork.put(entries[0]![0], Uint8Array.of(1))
    fork.del(entries[1]![0])
    trie.put(entries[2]![0], Uint8Array.of(2))
    expect(trie.get(entries[0]![0])).toEqual(entries[0]![1])
    expect(trie.get(entries[1]![0])).toEqual(entries[1]![1])
    expect(fork.get(entries[2]![0])).toEqual(entries[2]![1])
    fork.put(entries[0]![0], entries[0]![1])
    fork.put(entries[1]![0], entries[1]![1])
    expect(fork.root()).toEqual(root)
  })

  test('both hand out the nodes that were not committed yet', () => {
    const trie = filled()
    const fork = trie.fork()
    for (const committed of [fork.commit(), trie.commit()]) {
      const nodes = memoryNodes()
      nodes.add(committed.nodes)
      const read = new Trie(nodes, committed.root)
      for (const [key, value] of entries) expect(read.get(key)).toEqual(value)
    }
  })
})

test('an empty value deletes', () => {
  const trie = filled()
  for (const [key] of entries) trie.put(key, new Uint8Array(0))
  expect(trie.isEmpty).toBe(true)
  expect(trie.root()).toEqual(EMPTY_TRIE_ROOT)
})

test('a secure trie is a trie of hashed keys', () => {
  const secure = new SecureTrie()
  const plain = new Trie()
  for (const [key, value] of entries.slice(0, 50)) {
    secure.put(key, value)
    plain.put(hashedKey(key), value)
  }
  expect(secure.root()).toEqual(plain.root())
  expect(secure.get(entries[0]![0])).toEqual(entries[0]![1])
  const fork = secure.fork()
  fork.del(entries[0]![0])
  expect(secure.get(entries[0]![0])).toEqual(entries[0]![1])
  expect(fork.get(entries[0]![0])).toBeNull()
})

test('remembered key hashes are those of the key, beyond what is remembered too', () => {
  const numbered = (i: number) => Uint8Array.of(i & 255, (i >> 8) & 255, i >> 16)
  const keep = hashedKey(numbered(0))
  setCryptoProvider({ keccak256: (data) => Uint8Array.of(data.length, ...data) })
  for (let i = 1; i < 70_000; i++) hashedKey(numbered(i))
  // The oldest was forgotten, so the stand-in above is asked again; the newest is remembered.
  expect(hashedKey(numbered(0))).toEqual(Uint8Array.of(3, 0, 0, 0))
  expect(keep.length).toBe(32)
  let asked = 0
  setCryptoProvider({
    keccak256(data) {
      asked++
      return data
    },
  })
  hashedKey(numbered(69_999))
  hashedKey(numbered(50_000))
  expect(asked).toBe(0)
})

test('ordered tries agree with @ethereumjs/mpt at the lengths where the key grows', async () => {
  for (const count of [0, 1, 2, 127, 128, 129, 256, 300]) {
    const from = seededRandom(count)
    const values = Array.from({ length: count }, () => from.bytes(1 + from.below(120)))
    const theirs = new MerklePatriciaTrie()
    for (const [i, value] of values.entries()) await theirs.put(RLP.encode(i), value)
    expect(toHex(orderedTrieRoot(values)), `${count} values`).toBe(toHex(theirs.root()))
  }
})

/** Notes each node that is read; none is in memory before it is. */
function noting(nodes: NodeReader): { readonly reader: NodeReader; readonly read: string[] } {
  const read: string[] = []
  const node = (hash: Uint8Array) => {
    read.push(keyOf(hash))
    return nodes.node(hash)
  }
  return { reader: { node, nodeAtHand: () => undefined }, read }
}

test('a commit reads no node that a write has read', () => {
  const nodes = memoryNodes()
  const { root, nodes: stored } = filled().commit()
  nodes.add(stored)
  const { reader, read } = noting(nodes)
  const trie = new Trie(reader, root)
  for (const [key] of entries.slice(0, 100)) trie.put(key, Uint8Array.of(1, 2, 3))
  for (const [key] of entries.slice(100, 120)) trie.del(key)
  const before = read.length
  trie.commit()
  expect(read.length).toBe(before)
  expect(new Set(read).size).toBe(read.length)
})

test('a leaf is not read where the value until now is known, and read where it is another', () => {
  const nodes = memoryNodes()
  const { root, nodes: stored } = filled().commit()
  nodes.add(stored)
  const changes = entries.slice(0, 50).map(([key, value]) => ({ key, value, next: random.bytes(40) }))
  const outcomes = ([true, false] as const).map((isKnown) => {
    const { reader, read } = noting(nodes)
    const trie = new Trie(reader, root)
    for (const { key, value, next } of changes) trie.put(key, next, isKnown ? value : random.bytes(40))
    return { changes: trie.commit(), read: new Set(read) }
  })
  const [known, unknown] = outcomes as [(typeof outcomes)[0], (typeof outcomes)[0]]
  expect(known.changes).toEqual(unknown.changes)
  expect(unknown.read.size - known.read.size).toBe(changes.length)
  const plain = new Trie(nodes, root)
  for (const { key, next } of changes) plain.put(key, next)
  expect(known.changes).toEqual(plain.commit())
})

test('what is decoded as a branch is encoded as it was, and anything else is refused', () => {
  const stored = filled()
    .commit()
    .nodes.map(([, rlp]) => rlp)
  const branches = stored.filter((rlp) => rlp.length > 150).slice(0, 20)
  const outcomes = { same: 0, refused: 0 }
  for (const rlp of branches) {
    for (let run = 0; run < 200; run++) {
      const bytes = rlp.slice(0, run % 5 === 0 ? rlp.length - random.below(4) : rlp.length)
      bytes[random.pick([0, 1, 2, 3, 36, random.below(bytes.length)])] = random.pick([0, 0x80, 0x81, 0xa0, 0xc0, 0xf9])
      try {
        expect(encodeNode(decodeNode(bytes, hashRef(new Uint8Array(32))), (child) => child.ref!)).toEqual(bytes)
        outcomes.same += 1
      } catch (error) {
        if (!(error instanceof CodecError)) throw error
        outcomes.refused += 1
      }
    }
  }
  expect(Math.min(outcomes.same, outcomes.refused)).toBeGreaterThan(500)
})

test('a branch that was decoded is encoded with the references that are given for its children', () => {
  const stored = filled()
    .commit()
    .nodes.map(([, rlp]) => rlp)
  const rlp = stored.find((each) => each.length > 500)!
  const given = hashRef(new Uint8Array(32).fill(7))
  const branch = decodeNode(rlp, given)
  if (branch.kind !== BRANCH) throw new Error('no branch')
  branch.children[3] = { kind: LEAF, path: Uint8Array.of(1), value: Uint8Array.of(1), ref: null, owner: null }
  const encoded = decodeNode(
    encodeNode(branch, (child) => child.ref ?? given),
    given,
  )
  if (encoded.kind !== BRANCH) throw new Error('no branch')
  expect(branchChild(encoded, 3)).toEqual({ kind: HASHED, ref: given })
})
