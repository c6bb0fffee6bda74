/**
 * Real node processes on directories they must not use: each ends with code 1 and says what is wrong, where, and what
 * to do, and changes nothing in the directory.
 */
import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeFormat } from '../../src/chain/records.ts'
import { keys } from '../../src/chain/schema.ts'
import { toHex } from '../../src/codec/hex.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { openLevelStore } from '../../src/runtime/levelStore.ts'
import { type NodeProcess, refusedStart, rpc, startedNode, writeNodeFiles } from '../process/nodeProcess.ts'
import { contentHash, recordsHash, TestDirectories } from './support/directories.ts'
import { genesis, transactionOf } from './support/killGenesis.ts'

const directories = new TestDirectories('directories')
const home = directories.fresh()
const data = join(home, 'data')
let running: NodeProcess

beforeAll(async () => {
  await installCrypto()
  running = await startedNode(writeNodeFiles({ directory: home }))
  const raw = toHex(transactionOf(1, 0n, new Uint8Array(0)))
  await rpc(running.url, 'eth_sendRawTransactionSync', [raw])
})
afterAll(async () => {
  await running.stop()
  directories.remove()
})

/** A copy of a node's data after one block, to be damaged; and how to start on it. */
async function copyOfData(): Promise<string> {
  const directory = directories.fresh()
  await cp(data, join(directory, 'data'), { recursive: true })
  return directory
}

async function expectRefused(directory: string, settings: object, words: readonly RegExp[]): Promise<void> {
  const config = writeNodeFiles({ directory, ...settings })
  const records = () =>
    Promise.all(['chain', 'txpool', 'signer'].map((name) => recordsHash(join(directory, 'data', name), directories)))
  const before = await records()
  const { exitCode, message, output } = await refusedStart(config)
  expect(exitCode).toBe(1)
  for (const word of words) expect(message).toMatch(word)
  // The operator reads the sentence, without a stack.
  expect(output).toContain(message)
  expect(output).not.toMatch(/\n {4}at /)
  expect(await records()).toEqual(before)
}

describe('a node is refused', () => {
  test('a directory that another process has open', async () => {
    const directory = directories.fresh()
    const config = writeNodeFiles({ directory, dataDir: data })
    const { exitCode, message } = await refusedStart(config)
    expect(exitCode).toBe(1)
    expect(message).toContain(join(data, 'chain'))
    expect(message).toMatch(/in use by another process\. Stop that process, or give this node a directory of its own/)
    // And whoever had it goes on.
    const raw = toHex(transactionOf(2, 0n, new Uint8Array(0)))
    expect(await rpc(running.url, 'eth_sendRawTransactionSync', [raw])).toMatchObject({ status: '0x1' })
  })

  test('the directory of another genesis', async () => {
    const other = { ...genesis, timestamp: genesis.timestamp + 1n }
    const words = [
      /holds the chain with genesis 0x/,
      /Give the genesis it was made with, or start in another directory/,
    ]
    await expectRefused(await copyOfData(), { genesis: other }, words)
  })

  test('the directory of another layout version', async () => {
    const directory = await copyOfData()
    const store = await openLevelStore(join(directory, 'data/chain'))
    const value = encodeFormat({ version: 999, genesisHash: new Uint8Array(32) })
    await store.batch([{ type: 'put', key: keys.format, value }], { sync: true })
    await store.close()
    // Two opens by LevelDB itself are the same as one: the log was sorted already.
    await (await openLevelStore(join(directory, 'data/chain'))).close()
    const config = writeNodeFiles({ directory })
    const { exitCode, message } = await refusedStart(config)
    expect(exitCode).toBe(1)
    expect(message).toMatch(
      /layout version 999, this program reads and writes versions \d+ to \d+\. Run the program that made it/,
    )
  })

  test("a signer's record that is damaged, and is told not to forget", async () => {
    const directory = await copyOfData()
    truncateSync(join(directory, 'data/signer/CURRENT'), 0)
    const words = [/data\/signer is damaged/, /record of this validator's signatures/, /"validatorIsNew" to false/]
    await expectRefused(directory, { isNew: false }, words)
  })

  test("a signer's record that is gone while the chain shows its signature", async () => {
    const directory = await copyOfData()
    rmSync(join(directory, 'data/signer'), { recursive: true })
    const words = [/data\/signer, is empty, but block \d+ carries its signature/, /"validatorIsNew" to false/]
    await expectRefused(directory, {}, words)
  })

  test('files that are not what they should be', async () => {
    const directory = directories.fresh()
    const config = writeNodeFiles({ directory })
    const tries: [write: () => void, message: RegExp][] = [
      [() => writeFileSync(config, '{"name": '), /config\.json is not valid JSON/],
      [
        () => {
          writeNodeFiles({ directory })
          truncateSync(join(directory, 'genesis.json'), 40)
        },
        /genesis\.json is not valid JSON/,
      ],
      [
        () => writeNodeFiles({ directory, dataDir: join(directory, 'config.json') }),
        /config\.json is a file; name a directory/,
      ],
    ]
    for (const [write, words] of tries) {
      write()
      const before = contentHash(directory)
      const { exitCode, message } = await refusedStart(config)
      expect(exitCode).toBe(1)
      expect(message).toMatch(words)
      expect(contentHash(directory)).toBe(before)
    }
  })
})
