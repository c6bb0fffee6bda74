/** The execution thread that is started before it is known what it opens. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { SILENT_LOGGER } from '../../../testing/logger.ts'
import { appendBlock, genesis, transaction } from '../testing/fixtures.ts'
import { startChainWorker } from './client.ts'
import { type ExecutionThread, startExecutionThread } from './executionThread.ts'
import type { WorkerStart } from './protocol.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-thread-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const chainIn = (name: string, thread: ExecutionThread) =>
  startChainWorker({
    ...{ genesis, dataDir: join(root, String(name.length)), engine: 'reference', logger: SILENT_LOGGER, thread },
    onFatal(error) {
      throw error
    },
  })

it('opens the chain that it is told, once', async () => {
  const thread = startExecutionThread()
  const chain = await chainIn('first', thread)
  await appendBlock(chain, [transaction(0, 0)])
  expect(chain.head().header.number).toBe(1n)
  expect(thread.open({} as WorkerStart)).toBeNull()
  await chain.close()
}, 60_000)

it.each(['process.exit(9)', 'throw new Error("no room")'])(
  'that has ended meanwhile (%s) is replaced',
  async (end) => {
    const created = once(process, 'worker')
    const thread = startExecutionThread(new URL(`data:text/javascript,${encodeURIComponent(end)}`))
    const [worker] = await created
    await new Promise((resolve) => worker.once('exit', resolve))
    const chain = await chainIn(end, thread)
    expect(chain.head().header.number).toBe(0n)
    await chain.close()
  },
  60_000,
)
