import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, test } from 'vitest'
import { encodeRlp } from '../codec/rlp.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { createProof, MAX_PROOF_NODE_BYTES, verifyProof } from './proof.ts'
import { Trie } from './trie.ts'

const random = seededRandom(5)
const trie = new Trie()
const keys = Array.from({ length: 300 }, () => random.bytes(32))
for (const key of keys) trie.put(key, random.bytes(50))
const root = trie.root()
const key = keys[7]!
const proof = createProof(trie, key)

test('a value is proven, and so is absence', () => {
  expect(verifyProof(root, key, proof)).toEqual({ valid: true, value: trie.get(key) })
  const absent = random.bytes(32)
  expect(verifyProof(root, absent, createProof(trie, absent))).toEqual({ valid: true, value: null })
})

test('absence below a leaf, in an extension and in a branch without value', () => {
  const small = new Trie()
  small.put(Uint8Array.of(0x11, 0x11), random.bytes(40))
  for (const absent of [[0x11], [0x11, 0x12], [0x11, 0x11, 0x11], [0x22]]) {
    const path = Uint8Array.from(absent)
    expect(verifyProof(small.root(), path, createProof(small, path))).toEqual({ valid: true, value: null })
  }
  small.put(Uint8Array.of(0x11, 0x22), random.bytes(40))
  for (const absent of [[0x11], [0x12], [0x11, 0x33], [0x11, 0x22, 0x33]]) {
    const path = Uint8Array.from(absent)
    expect(verifyProof(small.root(), path, createProof(small, path))).toEqual({ valid: true, value: null })
  }
})

test('an empty trie proves absence with no nodes', () => {
  expect(createProof(new Trie(), key)).toEqual([])
  expect(verifyProof(EMPTY_TRIE_ROOT, key, [])).toEqual({ valid: true, value: null })
  expect(verifyProof(root, key, [])).toMatchObject({ valid: false })
  expect(verifyProof(EMPTY_TRIE_ROOT, key, proof)).toMatchObject({ valid: false })
})

describe('no forgery', () => {
  test('every byte of every node counts', () => {
    for (const [index, node] of proof.entries()) {
      for (let at = 0; at < node.length; at += 13) {
        const forged = [...proof]
        forged[index] = node.slice()
        forged[index][at]! ^= 1
        expect(verifyProof(root, key, forged), `node ${index} byte ${at}`).toMatchObject({ valid: false })
      }
    }
  })

  test('nodes missing, repeated or beside the way are refused', () => {
    expect(verifyProof(root, key, proof.slice(0, -1))).toMatchObject({ valid: false })
    expect(verifyProof(root, key, proof.slice(1))).toMatchObject({ valid: false })
    expect(verifyProof(root, key, [...proof, proof[0]!])).toMatchObject({ valid: false })
    const other = createProof(trie, keys[8]!)
    expect(verifyProof(root, key, [...proof, other.at(-1)!])).toMatchObject({ valid: false })
    expect(verifyProof(root, keys[8]!, proof)).not.toEqual({ valid: true, value: trie.get(keys[8]!) })
  })

  test('another root is refused', () => {
    expect(verifyProof(keccak256(root), key, proof)).toMatchObject({ valid: false })
    expect(verifyProof(new Uint8Array(0), key, proof)).toMatchObject({ valid: false })
  })
})

describe('garbage never throws', () => {
  test('random nodes, with the root of the first', () => {
    for (let seed = 0; seed < 3000; seed++) {
      const from = seededRandom(seed)
      const nodes = Array.from({ length: 1 + from.below(4) }, () => from.bytes(from.below(60)))
      const outcome = verifyProof(keccak256(nodes[0]!), from.bytes(from.below(34)), nodes)
      if (outcome.valid) expect(nodes.length, `seed ${seed}`).toBe(1)
    }
  })

  test('well-formed RLP that is no trie', () => {
    const words = [new Uint8Array(0), Uint8Array.of(0x20), Uint8Array.of(0x00), new Uint8Array(32), new Uint8Array(33)]
    for (let seed = 0; seed < 2000; seed++) {
      const from = seededRandom(seed)
      const item = () => (from.below(3) === 0 ? [from.pick(words), from.pick(words)] : from.pick(words))
      const node = encodeRlp(Array.from({ length: from.pick([0, 1, 2, 2, 3, 17, 17, 18]) }, item))
      verifyProof(keccak256(node), from.bytes(from.below(4)), [node])
    }
  })

  test('a node that is its own child by way of an extension without path', () => {
    const node = encodeRlp([Uint8Array.of(0x00), new Uint8Array(32)])
    expect(verifyProof(keccak256(node), key, [node])).toMatchObject({ valid: false })
  })

  test('a node embedded where its hash belongs', () => {
    const leaf = [Uint8Array.of(0x20), new Uint8Array(40).fill(1)]
    const children = Array.from({ length: 17 }, (_, i) => (i === 1 ? leaf : new Uint8Array(0)))
    const node = encodeRlp(children)
    expect(verifyProof(keccak256(node), Uint8Array.of(0x10), [node])).toMatchObject({ valid: false })
  })

  test('too many and too large nodes', () => {
    expect(verifyProof(root, key, new Array<Uint8Array>(66).fill(new Uint8Array(1)))).toMatchObject({ valid: false })
    const tooLarge = [new Uint8Array(MAX_PROOF_NODE_BYTES + 1)]
    expect(verifyProof(root, key, tooLarge)).toMatchObject({ valid: false, reason: 'a node is too large' })
  })

  test('but not a receipt with all the logs that the gas of a block pays for', () => {
    const receipt = new Uint8Array(30_000_000 / 8)
    const leaf = encodeRlp([Uint8Array.of(0x20, 0x80), receipt])
    const outcome = verifyProof(keccak256(leaf), Uint8Array.of(0x80), [leaf])
    expect(outcome).toMatchObject({ valid: true, value: { length: receipt.length } })
  })
})
