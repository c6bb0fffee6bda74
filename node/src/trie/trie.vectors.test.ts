/** TrieTests: raw and secure tries, any order, deletions, neighbours of a key. */
import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { describeVectors, type VectorFolder } from '../../test/support/vectorFiles.ts'
import { compareBytes, EMPTY_BYTES } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { SecureTrie } from './secureTrie.ts'
import { Trie } from './trie.ts'

type Pair = readonly [key: string, value: string | null]
interface Vector {
  readonly in: readonly Pair[] | Readonly<Record<string, string | null>>
  readonly root: string
}

const bytesOf = (text: string) => (text.startsWith('0x') ? fromHex(text) : new TextEncoder().encode(text))

function rootAfter(trie: Trie | SecureTrie, pairs: readonly Pair[]): string {
  for (const [key, value] of pairs) {
    if (value === null) trie.del(bytesOf(key))
    else trie.put(bytesOf(key), bytesOf(value))
  }
  return toHex(trie.root())
}

function eachVector(files: VectorFolder, file: string, run: (pairs: readonly Pair[], root: string) => void): void {
  for (const [name, vector] of Object.entries(files.json<Record<string, Vector>>(file))) {
    test(`${file}: ${name}`, () => {
      const pairs = Array.isArray(vector.in) ? (vector.in as readonly Pair[]) : Object.entries(vector.in)
      run(pairs, vector.root)
    })
  }
}

describeVectors('ethereum-tests/TrieTests', (files) => {
  eachVector(files, 'trietest.json', (pairs, root) => expect(rootAfter(new Trie(), pairs)).toBe(root))
  eachVector(files, 'trietest_secureTrie.json', (pairs, root) => expect(rootAfter(new SecureTrie(), pairs)).toBe(root))

  for (const [file, open] of [
    ['trieanyorder.json', () => new Trie()],
    ['trieanyorder_secureTrie.json', () => new SecureTrie()],
    ['hex_encoded_securetrie_test.json', () => new SecureTrie()],
  ] as const) {
    eachVector(files, file, (pairs, root) => {
      const random = seededRandom(1)
      for (let order = 0; order < 10; order++) {
        expect(rootAfter(open(), pairs)).toBe(root)
        pairs = [...pairs]
          .map((pair) => ({ pair, place: random.below(1 << 30) }))
          .sort((a, b) => a.place - b.place)
          .map(({ pair }) => pair)
      }
    })
  }

  interface Neighbours {
    readonly in: readonly string[]
    readonly tests: readonly (readonly [key: string, previous: string, next: string])[]
  }
  for (const [name, vector] of Object.entries(files.json<Record<string, Neighbours>>('trietestnextprev.json'))) {
    test(`trietestnextprev.json: ${name}`, () => {
      const trie = new Trie()
      for (const key of vector.in) trie.put(bytesOf(key), Uint8Array.of(1))
      const keys = [...trie.entries()].map(([key]) => key)
      for (const [text, previous, next] of vector.tests) {
        const key = bytesOf(text)
        expect(keys.filter((other) => compareBytes(other, key) < 0).at(-1) ?? EMPTY_BYTES, text).toEqual(
          bytesOf(previous),
        )
        expect(keys.find((other) => compareBytes(other, key) > 0) ?? EMPTY_BYTES, text).toEqual(bytesOf(next))
      }
    })
  }

  test('no file was left out', () => {
    expect(files.names()).toEqual([
      'hex_encoded_securetrie_test.json',
      'trieanyorder.json',
      'trieanyorder_secureTrie.json',
      'trietest.json',
      'trietest_secureTrie.json',
      'trietestnextprev.json',
    ])
  })
})
