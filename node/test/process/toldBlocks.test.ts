/** A parent hears of each block that the node has executed once it has asked for them, and of none before. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { BlockNotice, NodeMessage } from '../../src/processMessages.ts'
import { rpc, startedNode, writeNodeFiles } from './nodeProcess.ts'

const directory = mkdtempSync(join(tmpdir(), 'touchstone-blocks-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

it('tells blocks that were asked for', async () => {
  const node = await startedNode(writeNodeFiles({ directory, config: { blockTimeMs: 20 } }))
  const told: BlockNotice[] = []
  const heard = Promise.withResolvers<void>()
  node.child.on('message', (message: NodeMessage) => {
    if (message.kind !== 'block') return
    told.push(message)
    if (told.length === 3) heard.resolve()
  })
  while (BigInt(await rpc<string>(node.url, 'eth_blockNumber')) < 3n) expect(told).toEqual([])
  node.child.send({ kind: 'blocks' })
  await heard.promise
  for (const { number, hash, stateRoot, gasUsed } of told) {
    expect(await rpc(node.url, 'eth_getBlockByNumber', [number, false])).toMatchObject({ hash, stateRoot, gasUsed })
  }
  const numbers = told.map(({ number }) => BigInt(number))
  expect(numbers[0]).toBeGreaterThan(3n)
  expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + BigInt(at)))
  expect(await node.stop()).toBe(0)
})
