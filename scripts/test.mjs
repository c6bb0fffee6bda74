/**
 * `npm test [-- VITEST FILTER ...]`: installs, then everything the README promises: lint, types, contract builds, and
 * all tests. Goes on after a failed step, so that one run shows everything, and ends with `N passed, N failed`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, root, runNode } from './install.mjs'

if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
  console.log(
    'npm test [-- VITEST FILTER ...]: installs what is missing, then lint, types, contract builds and all tests.',
  )
  console.log('A filter is a part of the path of test files: npm test -- node/src/rpc')
  process.exit(0)
}

ensureInstalled()

const scratch = mkdtempSync(join(tmpdir(), 'touchstone-test-'))
const report = join(scratch, 'vitest.json')
const bin = (name, path) => join(root, 'node_modules', name, path)

/** @type {{name: string, args: string[]}[]} */
const steps = [
  { name: 'lint and format', args: [bin('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', '.'] },
  { name: 'types', args: [bin('typescript', 'bin/tsc'), '--noEmit'] },
  { name: 'contracts', args: [join(root, 'contracts/src/builder/cli.ts')] },
  {
    name: 'tests',
    args: [
      bin('vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${report}`,
      ...process.argv.slice(2),
    ],
  },
]

const rows = []
for (const { name, args } of steps) {
  console.log(`\n== ${name}`)
  const started = Date.now()
  const { status } = runNode(args)
  rows.push({ name, ok: status === 0, seconds: Math.round((Date.now() - started) / 1000) })
}

const counts = readCounts()
rmSync(scratch, { recursive: true, force: true })

console.log()
for (const { name, ok, seconds } of rows) console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`)
const otherSteps = rows.slice(0, -1)
const passed = counts.passed + otherSteps.filter((row) => row.ok).length
// A test runner that dies without a failed test (no report, an unhandled error) must still count as a failure.
const runnerFailed = !rows.at(-1).ok && counts.failed === 0 ? 1 : 0
const failed = counts.failed + otherSteps.filter((row) => !row.ok).length + runnerFailed
console.log(`${passed} passed, ${failed} failed, ${counts.skipped} skipped`)
process.exit(failed === 0 ? 0 : 1)

function readCounts() {
  try {
    const json = JSON.parse(readFileSync(report, 'utf8'))
    return {
      passed: json.numPassedTests,
      failed: json.numFailedTests,
      skipped: json.numPendingTests + json.numTodoTests,
    }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}
