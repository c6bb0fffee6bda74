/** Where the code that threads compile is kept. */
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { environmentOfThread } from './compiledCode.ts'

const folderOfThread = () => environmentOfThread('calls')['NODE_COMPILE_CACHE']

afterEach(() => vi.unstubAllEnvs())

it('is a folder for each kind of thread in the cache, and none where there is no cache', () => {
  vi.stubEnv('NODE_COMPILE_CACHE', '/cache')
  expect(folderOfThread()).toBe(join('/cache', 'calls'))
  vi.stubEnv('NODE_COMPILE_CACHE', '')
  expect(folderOfThread()).toBe('')
  vi.stubEnv('NODE_COMPILE_CACHE', undefined)
  expect(folderOfThread()).toBe(undefined)
})
