/**
 * `npm run bench:gas [-- --engine compiled|interpreter|reference|all] [--schedule NAME] [--only TEXT] [--rounds N]
 * [--size PART] [--json FILE]`: nanoseconds per gas of each class of instructions, host function, storage operation,
 * precompile and start, against a typical mix of computing, and at the end a column for each engine. All in one run, since
 * only ratios within a run mean anything on a machine that others use. `--size 0.1` makes the state a tenth as large. Its
 * findings are in docs/protocol/gas.md.
 *
 * `npm run bench:gas -- --search SECONDS [--seed S] [--json FILE]`: instead, the worst blocks an attacker can fill: the
 * known attacks, then a search of so many seconds. `-- --case LINE` runs one case that it printed.
 */
import { writeFileSync } from 'node:fs'
import { readOptions } from '../../../scripts/options.ts'
import { ENGINE_NAMES, type EngineName } from '../../src/execution/engineNames.ts'
import { boundHostCompiler } from '../../src/runtime/hostCompiler.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { printFound, runCase, searchWorst } from './adversarial/search.ts'
import { besideEachOther } from './besideEachOther.ts'
import { hookRows } from './hooks.ts'
import { instructionRows, mixRows } from './instructions.ts'
import { precompileRows } from './precompileRows.ts'
import { registryRows } from './registryRows.ts'
import { type Group, nanosecondsPerGas, type Row } from './row.ts'
import { frameRows, loadRows } from './starts.ts'
import { geometricMean } from './stopwatch.ts'
import { storageRows } from './storage.ts'
import { BLOCK_GAS, openWorld } from './world.ts'

const GROUPS: readonly Group[] = [
  'instruction',
  'memory pattern',
  'host call',
  'storage',
  'transaction',
  'precompile',
  'registry',
  'start',
  'load',
]

const { values: options } = readOptions(import.meta.url, {
  options: {
    engine: { type: 'string', default: 'all' },
    schedule: { type: 'string', default: 'touchstone/1' },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '7' },
    size: { type: 'string', default: '1' },
    json: { type: 'string' },
    search: { type: 'string' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
  },
})

const { schedule, only } = options
const rounds = Number(options.rounds)
const engines = ENGINE_NAMES.filter((name) => options.engine === 'all' || options.engine === name)
if (engines.length === 0) {
  console.error(`--engine ${options.engine}: choose from ${ENGINE_NAMES.join(', ')}, all`)
  process.exit(2)
}
/** By the name of an operation or of its group. */
const wantedIn =
  (group: Group) =>
  (name: string): boolean =>
    group.includes(only) || name.includes(only)

await installCrypto()
boundHostCompiler()
if (options.case !== undefined || options.search !== undefined) {
  const size = Number(options.size)
  const found =
    options.case !== undefined
      ? await runCase(options.case, schedule, size)
      : await searchWorst({
          schedule,
          seconds: Number(options.search),
          seed: Number(options.seed),
          size,
          log: console.log,
        })
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(found, null, 2)}\n`)
  printFound(found)
  process.exit()
}
const report: { engine: EngineName; mix: number; rows: Row[] }[] = []
for (const engine of engines) {
  const mixed = await mixRows({ engine, schedule, rounds, wanted: () => true })
  const mix = geometricMean(mixed.map(nanosecondsPerGas))
  const rows = await measure(engine)
  print(engine, mixed, mix, rows)
  report.push({ engine, mix, rows: [...mixed, ...rows] })
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`)
for (const { engine, mix, rows } of report) printWorst(engine, mix, rows)
if (report.length > 1) for (const text of besideEachOther(report, BLOCK_GAS)) console.log(text)

async function measure(engine: EngineName): Promise<Row[]> {
  const rows = instructionRows({
    engine,
    schedule,
    rounds,
    wanted: (name) => wantedIn('instruction')(name) || wantedIn('memory pattern')(name),
  })
  const world = await openWorld(engine, schedule, Number(options.size))
  try {
    rows.push(...hookRows(world, { engine, rounds, wanted: wantedIn('host call') }))
    rows.push(...(await storageRows(world, { engine, rounds: Math.min(rounds, 4), wanted: wantedIn('storage') })))
    // It runs outside the engine.
    if (engine === 'compiled') rows.push(...registryRows(world, { engine, rounds, wanted: wantedIn('registry') }))
    rows.push(...frameRows(world, { engine, rounds, wanted: wantedIn('start') }))
    rows.push(...loadRows(world, { engine, rounds: Math.min(rounds, 4), wanted: wantedIn('load') }))
  } finally {
    await world.close()
  }
  // They run outside the engine.
  if (engine === 'compiled') {
    rows.push(...precompileRows({ engine, schedule, rounds: Math.min(rounds, 4), wanted: wantedIn('precompile') }))
  }
  return rows
}

function print(engine: EngineName, mixed: readonly Row[], mix: number, rows: readonly Row[]): void {
  console.log(`\n${engine} engine, schedule ${schedule}`)
  console.log(
    `typical mix: ${mix.toFixed(2)} ns/gas (${mixed.map((row) => `${row.name} ${nanosecondsPerGas(row).toFixed(2)}`).join(', ')})`,
  )
  const first = mixed.flatMap(({ firstNanoseconds, gas }) =>
    typeof firstNanoseconds === 'number' ? [firstNanoseconds / gas] : [],
  )
  if (first.length > 0) console.log(`the same in code not optimised yet: ${geometricMean(first).toFixed(2)} ns/gas`)
  for (const group of GROUPS) {
    const members = rows.filter((row) => row.group === group)
    if (members.length === 0) continue
    members.sort((left, right) => nanosecondsPerGas(right) - nanosecondsPerGas(left))
    console.log(`\n${group.padEnd(64)}         gas           ns     own ns   ns/gas    x mix   x mix, first`)
    for (const row of members) console.log(line(row, mix))
  }
}

function line(row: Row, mix: number): string {
  const perGas = nanosecondsPerGas(row)
  const own = row.ownNanoseconds === null ? '' : row.ownNanoseconds.toFixed(2)
  const first = typeof row.firstNanoseconds === 'number' ? (row.firstNanoseconds / row.gas / mix).toFixed(1) : ''
  const digits = row.gas < 100 ? 3 : 0
  const cells = [
    row.gas.toFixed(digits).padStart(12),
    row.nanoseconds.toFixed(row.nanoseconds < 1_000 ? 2 : 0).padStart(13),
    own.padStart(11),
    perGas.toFixed(2).padStart(9),
    (perGas / mix).toFixed(2).padStart(9),
    first.padStart(9),
  ]
  return `${row.name.padEnd(60)}${cells.join('')}`
}

function printWorst(engine: EngineName, mix: number, rows: readonly Row[]): void {
  const seconds = (perGas: number): string => ((perGas * Number(BLOCK_GAS)) / 1e9).toFixed(2)
  console.log(`\n${engine}: a block of the typical mix takes ${seconds(mix)} s`)
  for (const group of GROUPS) {
    const [worst] = rows
      .filter((row) => row.group === group)
      .sort((left, right) => nanosecondsPerGas(right) - nanosecondsPerGas(left))
    if (worst === undefined) continue
    const perGas = nanosecondsPerGas(worst)
    console.log(
      `${engine}: worst ${group}: ${(perGas / mix).toFixed(1)}x the mix, ${seconds(perGas)} s a block (${worst.name})`,
    )
  }
}
