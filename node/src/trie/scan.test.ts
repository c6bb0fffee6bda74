import { describe, expect, test } from 'vitest'
import { bigintToBytes, compareBytes } from '../codec/bytes.ts'
import { memoryNodes } from './nodeStore.ts'
import { entriesBelow } from './scan.ts'
import { Trie } from './trie.ts'

const LENGTH = 4
const key = (value: number) => bigintToBytes(BigInt(value), LENGTH)

/** Short keys and values: leaves are embedded in their branches, between children that are not. */
function trieOf(keys: readonly Uint8Array[]) {
  const trie = new Trie()
  for (const [index, one] of keys.entries()) trie.put(one, new Uint8Array(index % 2 === 0 ? 1 : 40).fill(index + 1))
  const nodes = memoryNodes()
  const { root, nodes: stored } = trie.commit()
  nodes.add(stored)
  return { nodes, root }
}

describe('entries below a root', () => {
  const keys = [0x1000, 0x1001, 0x1002, 0x10ff, 0x2000, 0x20000000, 0x20000001, 0x2f000000, 0xffffffff].map(key)
  const { nodes, root } = trieOf(keys)

  test('come in the order of their keys, whatever is embedded in what', () => {
    expect([...entriesBelow(nodes, root, LENGTH)].map(([at]) => at)).toEqual([...keys].sort(compareBytes))
  })

  test.each([0, 0x1001, 0x1003, 0x1fff, 0x20000001, 0x20000002, 0x30000000, 0xffffffff])(
    'begin with the first at %i or after it',
    (start) => {
      const from = key(start)
      const wanted = keys.filter((one) => compareBytes(one, from) >= 0)
      expect([...entriesBelow(nodes, root, LENGTH, from)].map(([at]) => at)).toEqual(wanted)
    },
  )

  test('of an empty trie are none', () => {
    expect([...entriesBelow(nodes, new Trie().root(), LENGTH)]).toEqual([])
  })
})
