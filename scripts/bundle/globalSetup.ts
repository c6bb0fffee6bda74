/**
 * Bundles the programs that tests start (bundle.ts), once a run and again when a watching run begins anew. V8's code of
 * them, of vitest, and of the packages is kept beside the bundle, for the processes and threads that load the same next.
 */

import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { makeBundle } from './bundle.ts'

export async function setup(project: TestProject): Promise<void> {
  // One process for all projects.
  if (process.env['TOUCHSTONE_TEST_BUNDLE'] !== undefined) return
  const make = async () => {
    process.env['TOUCHSTONE_TEST_BUNDLE'] = await makeBundle()
  }
  await make()
  process.env['NODE_COMPILE_CACHE'] ??= join(process.env['TOUCHSTONE_TEST_BUNDLE']!, 'compiled')
  project.onTestsRerun(make)
  const redirect = JSON.stringify(join(import.meta.dirname, 'redirect.cjs'))
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --require ${redirect}`.trim()
}
