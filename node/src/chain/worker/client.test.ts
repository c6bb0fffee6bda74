/** The execution worker as a thread of its own: start, restart, refusal. Restarts are in restartingPort.test.ts. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { SILENT_LOGGER } from '../../../testing/logger.ts'
import { joinLevelStore, openLevelStore } from '../../runtime/levelStore.ts'
import { appendBlock, genesis, stranger, transaction } from '../testing/fixtures.ts'
import { type ChainWorkerOptions, startChainWorker } from './client.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-worker-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const options = (dataDir: string, fatal: Error[] = []): ChainWorkerOptions => ({
  genesis,
  dataDir,
  engine: 'reference',
  logger: SILENT_LOGGER,
  onFatal: (error) => fatal.push(error),
})

test('builds, finalises, refuses a second opener and another genesis, and is there again after a restart', async () => {
  const fatal: Error[] = []
  const directory = join(root, 'chain')
  const chain = await startChainWorker(options(directory, fatal))
  const block = await appendBlock(chain, [transaction(0, 0), transaction(1, 0)])
  expect(chain.head().hash).toEqual(block.hash)
  expect((await chain.account(stranger, 'latest'))?.balance).toBe(2n)
  await expect(chain.account(stranger, { number: 5n })).rejects.toMatchObject({ name: 'ChainError' })
  await expect(startChainWorker(options(directory))).rejects.toMatchObject({ name: 'StoreError', code: 'locked' })
  await chain.close()

  const other = { ...options(directory), genesis: { ...genesis, chainId: 5n } }
  await expect(startChainWorker(other)).rejects.toMatchObject({ name: 'DatabaseError', code: 'other-genesis' })
  const again = await startChainWorker(options(directory, fatal))
  expect(again.head().hash).toEqual(block.hash)
  expect(again.genesisHash).toEqual(chain.genesisHash)
  await again.close()
  expect(fatal).toEqual([])
}, 60_000)

/** Opens no database, and answers `close`. */
const idleWorker = `
  import { parentPort } from 'node:worker_threads'
  const hash = new Uint8Array(32)
  parentPort.on('message', ({ kind, id }) => {
    if (kind !== 'call') return
    parentPort.postMessage({ kind: 'result', id, value: null })
    parentPort.close()
  })
  parentPort.postMessage({ kind: 'ready', genesisHash: hash, base: 0n, head: { header: {}, hash } })
`

test('the database is open in this thread, whatever becomes of workers: who opened it has the cache that all read through', async () => {
  const directory = join(root, 'main thread')
  const entry = new URL(`data:text/javascript,${encodeURIComponent(idleWorker)}`)
  const chain = await startChainWorker({ ...options(directory), entry })
  const joined = await joinLevelStore(directory)
  await joined.close()
  await chain.close()
  await (await openLevelStore(directory)).close()
  // Joining opens where nobody else has it open, and there is nothing to open.
  await expect(joinLevelStore(join(root, 'nobody'))).rejects.toMatchObject({ name: 'StoreError' })
})

test('a directory is free again after a worker that ended before it was ready', async () => {
  const directory = join(root, 'ended')
  const entry = new URL('data:text/javascript,process.exit(9)')
  await expect(startChainWorker({ ...options(directory), entry })).rejects.toThrow('exit code 9')
  await (await openLevelStore(directory)).close()
})
