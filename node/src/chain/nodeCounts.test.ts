import { expect, test } from 'vitest'
import { bigintToBytes } from '../codec/bytes.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { countedNodes } from './nodeCounts.ts'
import { encodeNumber } from './records.ts'
import { keys } from './schema.ts'

const hashOf = (index: number) => bigintToBytes(BigInt(index), 32)
const rlp = Uint8Array.of(0xc0)

test.each([2, 32, 33, 100])('of %i nodes those that are there get a place more, the others a record', async (count) => {
  const store = createMemoryStore()
  const there = count - 1
  await store.batch([{ type: 'put', key: keys.node(hashOf(there)), value: rlp }], { sync: true })
  const nodes = Array.from({ length: count }, (_, index) => [hashOf(index), rlp] as const)
  const operations = await countedNodes(store, 1n, { nodes, goneNodes: [] })
  const puts = nodes.slice(0, there).map(([hash]) => ({ type: 'put', key: keys.node(hash), value: rlp }))
  expect(operations).toEqual([...puts, { type: 'put', key: keys.moreOfNode(hashOf(there)), value: encodeNumber(1n) }])
})
