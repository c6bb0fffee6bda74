/**
 * A disk that fills up under a running node: a small file system of its own (tmpfs), which needs to be mounted, so the
 * test is skipped where that is not allowed.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toHex } from '../../src/codec/hex.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { refusedStart, rpc, startedNode, writeNodeFiles } from '../process/nodeProcess.ts'
import { TestDirectories } from './support/directories.ts'
import { transactionOf } from './support/killGenesis.ts'

const directories = new TestDirectories('full-disk')
const mountPoint = join(directories.root, 'disk')
mkdirSync(mountPoint)
const mounted =
  process.platform === 'linux' &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'touchstone-full-disk', mountPoint]).status === 0
if (!mounted) console.log('skipped: a full disk needs a file system of its own, and mounting one is not allowed here')

beforeAll(installCrypto)
afterAll(() => {
  if (mounted) spawnSync('umount', [mountPoint])
  directories.remove()
})

test.skipIf(!mounted)('a node whose disk is full stops and says so, and goes on when there is room', async () => {
  const config = writeNodeFiles({ directory: join(directories.root, 'node'), dataDir: mountPoint })
  const ballast = join(mountPoint, 'ballast')
  const node = await startedNode(config)
  const hashes: string[] = []
  let nonce = 0n
  const send = async () => {
    const raw = toHex(transactionOf(1, nonce, new Uint8Array(0)))
    hashes.push(await rpc<string>(node.url, 'eth_sendRawTransaction', [raw]))
    nonce++
  }
  for (let sent = 0; sent < 5; sent++) await send()

  const { bavail, bsize } = statfsSync(mountPoint)
  writeFileSync(ballast, new Uint8Array(Math.max(0, bavail * bsize - 16_384)))
  let refusal: Error | null = null
  for (let sent = 0; sent < 400 && refusal === null; sent++) {
    await send().catch((error: Error) => {
      refusal = error
    })
  }
  expect(await node.exited).toBe(1)
  expect(node.output()).toMatch(/The disk that holds .*disk\/(chain|txpool|signer|faults) is full\. Free some space/)
  expect(node.output()).toContain('fatal: the node stops')
  expect(refusal).not.toBeNull()

  const still = await refusedStart(config)
  expect(still.exitCode).toBe(1)
  expect(still.message).toMatch(/is full\. Free some space and start again/)

  rmSync(ballast)
  const again = await startedNode(
    writeNodeFiles({ directory: join(directories.root, 'node'), dataDir: mountPoint, isNew: false }),
  )
  try {
    // Everything that was acknowledged is in a block, or gets into one now.
    for (const hash of hashes) {
      while ((await rpc(again.url, 'eth_getTransactionReceipt', [hash])) === null) {
        expect(await rpc(again.url, 'eth_getTransactionByHash', [hash])).not.toBeNull()
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  } finally {
    await again.stop()
  }
})
