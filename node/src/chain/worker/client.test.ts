import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Logger } from '../../runtime/logger.ts'
import { appendBlock, genesis, stranger, transaction } from '../testing/fixtures.ts'
import { startChainWorker } from './client.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-chain-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const logger: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger }

test('a chain in a worker builds, finalises, and is there again after a restart', async () => {
  const fatal: Error[] = []
  const options = {
    genesis,
    dataDir: join(root, 'a'),
    engine: 'reference' as const,
    logger,
    onFatal: (error: Error) => fatal.push(error),
  }
  const chain = await startChainWorker(options)
  const block = await appendBlock(chain, [transaction(0, 0), transaction(1, 0)])
  expect(chain.head().hash).toEqual(block.hash)
  expect((await chain.account(stranger, 'latest'))?.balance).toBe(2n)
  await chain.close()
  const again = await startChainWorker(options)
  expect(again.head().hash).toEqual(block.hash)
  await again.close()
  expect(fatal).toEqual([])
})
