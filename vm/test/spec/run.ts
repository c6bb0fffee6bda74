/** `npm run spec [-- --suite DIR] [-- --engine NAME]`: replays the official suite and prints one table per engine. */
import { readOptions } from '../../../scripts/options.ts'
import { ENGINE_NAMES, type EngineName } from '../../src/index.ts'
import { type FileResult, replayFile } from './replay.ts'
import { DEFAULT_SUITE, loadSuite } from './suite.ts'

const { values } = readOptions(import.meta.url, {
  options: {
    suite: { type: 'string', default: DEFAULT_SUITE },
    engine: { type: 'string' },
    verbose: { type: 'boolean' },
  },
})
const engines: readonly EngineName[] = values.engine === undefined ? ENGINE_NAMES : [values.engine as EngineName]
const suite = await loadSuite(values.suite)
if (suite === null) {
  console.error(`the WebAssembly test suite is not in ${values.suite}; say where it is with --suite DIR`)
  process.exit(2)
}

let failed = 0
let passed = 0
for (const engine of engines) {
  const groups = new Map<string, FileResult>()
  for (const file of suite.files) {
    const group = file.path.includes('/') ? file.path.split('/')[0]! : 'core'
    const sum = groups.get(group) ?? { path: group, passed: 0, derivedPassed: 0, floatsRefused: 0, failures: [] }
    groups.set(group, sum)
    const plain = await replayFile(suite, file, engine, false)
    sum.passed += plain.passed
    sum.floatsRefused += plain.floatsRefused
    sum.failures.push(...plain.failures)
    if (file.derivedKept.size === 0) continue
    const derived = await replayFile(suite, file, engine, true)
    sum.derivedPassed += derived.derivedPassed
    sum.failures.push(...derived.failures.filter((line) => !plain.failures.includes(line)))
  }
  console.log(`engine ${engine}`)
  console.log('group         as they are   freed of floats   float modules refused   failed')
  for (const { path, failures, ...sum } of groups.values()) {
    const row = [sum.passed, sum.derivedPassed, sum.floatsRefused, failures.length]
    const cells = row.map((value, i) => String(value).padStart([11, 18, 24, 9][i]!))
    console.log(`${path.padEnd(14)}${cells.join('')}`)
    for (const line of failures) console.log(`  FAILED ${line}`)
    passed += sum.passed + sum.derivedPassed
    failed += failures.length
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
