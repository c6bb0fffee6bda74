/** The official WebAssembly test suite, profile P2 of the vectors beside the repository. */
import { describe, expect, it } from 'vitest'
import { ENGINE_NAMES } from '../../src/index.ts'
import { replayFile } from './replay.ts'
import { DEFAULT_SUITE, loadSuite } from './suite.ts'

const suite = await loadSuite(DEFAULT_SUITE)
if (suite === null) console.warn(`skipped: the WebAssembly test suite is not in ${DEFAULT_SUITE}`)

describe.skipIf(suite === null).each(ENGINE_NAMES)('the official WebAssembly test suite on %s', (engine) => {
  it('passes as it is, and every module with floats is refused', async () => {
    let passed = 0
    let floatsRefused = 0
    const failures: string[] = []
    for (const file of suite!.files) {
      const result = await replayFile(suite!, file, engine, false)
      passed += result.passed
      floatsRefused += result.floatsRefused
      failures.push(...result.failures)
    }
    expect(failures).toEqual([])
    expect(passed).toBe(11_381)
    expect(floatsRefused).toBe(550)
  }, 60_000)

  it('passes with its modules freed of floats', async () => {
    let passed = 0
    const failures: string[] = []
    for (const file of suite!.files.filter(({ derivedKept }) => derivedKept.size > 0)) {
      const result = await replayFile(suite!, file, engine, true)
      passed += result.derivedPassed
      failures.push(...result.failures)
    }
    expect(failures).toEqual([])
    expect(passed).toBe(2_327)
  }, 60_000)
})
