/** A real node process and a transaction in which it died twice: held over the restart, refused, shown, released by hand. */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { recordExecution } from '../../src/chain/worker/quarantine.ts'
import { toHex } from '../../src/codec/hex.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { rpc, startedNode, writeNodeFiles } from '../process/nodeProcess.ts'
import { TestDirectories } from './support/directories.ts'
import { transactionOf } from './support/killGenesis.ts'

const directories = new TestDirectories('quarantine')
afterAll(() => directories.remove())

interface Status {
  readonly height: string
  readonly executionFaults: number
  readonly setAside: readonly { readonly hash: string; readonly strikes: number; readonly reason: string }[]
}

test('what the node died of twice is refused and shown until its file is deleted', async () => {
  const home = directories.fresh()
  const quarantine = join(home, 'data', 'quarantine')
  const config = writeNodeFiles({ directory: home })
  const raw = transactionOf(1, 0n, new Uint8Array(0))
  const hash = keccak256(raw)
  mkdirSync(quarantine, { recursive: true, mode: 0o700 })
  // As two runs leave it that were killed while they executed it; the node counts the second.
  for (let death = 0; death < 2; death++) recordExecution(quarantine).mark.begin(hash, 1n)

  const node = await startedNode(config)
  const send = (bytes: Uint8Array) => rpc(node.url, 'eth_sendRawTransactionSync', [toHex(bytes)])
  const status = () => rpc<Status>(node.url, 'touchstone_status')
  const reason = 'the node ended 2 times while it executed the transaction'
  expect((await status()).setAside).toEqual([{ hash: toHex(hash), block: '0x1', strikes: 2, reason }])
  await expect(send(raw)).rejects.toThrow(`until its operator releases it: ${reason}`)
  await send(transactionOf(2, 0n, new Uint8Array(0)))
  expect(await status()).toMatchObject({ height: '0x1', executionFaults: 0 })

  rmSync(join(quarantine, `${toHex(hash)}.json`))
  expect((await status()).setAside).toEqual([])
  await send(raw)
  expect((await status()).height).toBe('0x2')
  expect(await node.stop()).toBe(0)
  // It was told to stop: nothing is to blame.
  expect(existsSync(join(quarantine, 'stopping'))).toBe(true)
  expect(recordExecution(quarantine).strikes.size).toBe(0)
}, 60_000)
