/** V8's settings for heaps hold: they are no part of any result, so nothing else would notice that they were lost. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { NODE_PROCESS_OPTIONS } from './hostHeap.ts'

const garbage = fileURLToPath(new URL('testing/garbage.ts', import.meta.url))

async function most(...words: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [...NODE_PROCESS_OPTIONS, garbage, ...words])
  return Number(stdout) / 2 ** 20
}

it('an old heap grows by little more than half of what lives in it before it is collected', async () => {
  const [bound, free] = await Promise.all([most('bound'), most('free')])
  expect(bound).toBeGreaterThan(60)
  expect(bound).toBeLessThan(160)
  // What V8 would do, so that the first line is known to say something.
  expect(free).toBeGreaterThan(1.4 * bound)
})
