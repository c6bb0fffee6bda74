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

/** Files about where execution goes on, which is what recording adds to. */
const CONTROL =
  /^(?:block|br|br_if|br_table|call|call_indirect|if|loop|return|return_call|return_call_indirect|select)\.wast$/

it.skipIf(suite === null)('code that is recorded passes what is about control', async () => {
  const failures: string[] = []
  const files = suite!.files.filter(({ path }) => CONTROL.test(path))
  expect(files.length).toBeGreaterThan(10)
  for (const file of files) failures.push(...(await replayFile(suite!, file, 'reference', false, true)).failures)
  expect(failures).toEqual([])
})
