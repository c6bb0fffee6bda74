/**
 * `npm run mutate:consensus [-- --only TEXT] [--write]`: breaks consensus in every way of mutants/, one at a time, in a
 * temporary copy, and runs its directed tests. Prints what killed each mutant; fails when one survives. `--write` puts the
 * list into docs/mutants.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { readOptions } from '../../../scripts/options.ts'
import { type Row, rowOf, writeRows } from './document.ts'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants/all.ts'
import { type TestRun, Workspace } from './workspace.ts'

const root = join(import.meta.dirname, '../../..')
const DOCUMENT = join(root, 'docs/mutants.md')
/** Copies at work at a time. */
const JOBS = 2

const { values } = readOptions(import.meta.url, {
  options: { only: { type: 'string' }, write: { type: 'boolean', default: false } },
})
const { only = '' } = values
const chosen = MUTANTS.filter(({ name, rule, file }) => `${rule} ${file} ${name}`.includes(only))
if (chosen.length === 0 || (values.write && chosen.length < MUTANTS.length)) {
  process.stderr.write(`--only ${only}: ${chosen.length} of ${MUTANTS.length} mutants; --write needs all of them\n`)
  process.exit(2)
}

const workspaces = Array.from({ length: JOBS }, () => new Workspace(root))
const runs = new Map<Mutant, TestRun>()
try {
  const [first] = workspaces
  const whole = await first!.test(null)
  if (whole.kind !== 'passed') throw new Error(`the tests fail without a mutant: ${JSON.stringify(whole, null, 2)}`)
  const waiting = [...chosen]
  await Promise.all(
    workspaces.map(async (workspace) => {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const run = await workspace.test(mutant)
        runs.set(mutant, run)
        process.stdout.write(`${mutant.rule.padEnd(14)} ${mutant.name}: ${describe(run)}\n`)
      }
    }),
  )
} finally {
  for (const workspace of workspaces) workspace.remove()
}

const survivors = chosen.filter((mutant) => killerOf(runs.get(mutant)!) === null)
process.stdout.write(`\n${chosen.length} mutants, ${chosen.length - survivors.length} killed\n`)
for (const { name, file } of survivors) process.stdout.write(`SURVIVED ${file}: ${name}\n`)
if (values.write && survivors.length === 0) {
  const rows = chosen.map((mutant): Row => rowOf(mutant, killerOf(runs.get(mutant)!)!))
  writeFileSync(DOCUMENT, writeRows(readFileSync(DOCUMENT, 'utf8'), rows))
}
process.exitCode = survivors.length === 0 ? 0 : 1

function killerOf(run: TestRun): string | null {
  if (run.kind === 'failed') return `${run.file.split('/').at(-1)}: ${run.test}`
  return run.kind === 'endless' ? 'does not end' : null
}

function describe(run: TestRun): string {
  const killer = killerOf(run)
  if (killer === null) return run.kind === 'broken' ? `NO TEST FAILED, but: ${run.output.slice(-2_000)}` : 'SURVIVED'
  return run.kind === 'failed' && run.count > 1 ? `${killer} (and ${run.count - 1} more)` : killer
}
