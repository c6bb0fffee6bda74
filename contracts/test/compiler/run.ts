/**
 * `npm run fuzz:compiler -- [--seconds N] [--seed S] [--programs N] [--without GUARD,...] [--print] [--json]`: compares
 * contracts as the build makes them with an interpreter of their source, on random programs from seed S (1 unless told)
 * on, for N seconds (30 unless told) or N programs. Ends with 1 at the first difference, which it tells with the
 * program and the command that shows it again. `--without` leaves guards of the build out (names in
 * contracts/src/builder/guards/index.ts), to see what they are there for; `--print` shows the programs only.
 */

import { readOptions } from '../../../scripts/options.ts'
import { GUARDS } from '../../src/builder/guards/index.ts'
import { changeCompiler } from '../../src/builder/replacements.ts'
import { generate } from './generate.ts'
import { print } from './print.ts'
import { BATCH, type Difference, runBatch, type Tally } from './session.ts'

const PROGRESS_MILLISECONDS = 10_000

const { values } = readOptions(import.meta.url, {
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    programs: { type: 'string' },
    /** Guards to leave out, to see what they are there for. */
    without: { type: 'string' },
    print: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const first = wholeNumber('seed', values.seed)
const most = values.programs === undefined ? Number.POSITIVE_INFINITY : wholeNumber('programs', values.programs)
const limit = wholeNumber('seconds', values.seconds)
if (values.print) {
  console.log(print(Array.from({ length: Number.isFinite(most) ? most : 1 }, (_, i) => generate(first + i))))
  process.exit()
}
if (values.without !== undefined) changeCompiler(guardNames(values.without))

const started = performance.now()
const end = values.programs === undefined ? started + limit * 1000 : Number.POSITIVE_INFINITY
const tally: Tally = { programs: 0, runs: 0, reverts: 0, skipped: 0 }
let told = started
let difference: Difference | null = null
let seed = first
while (difference === null && seed - first < most && performance.now() < end) {
  const count = Math.min(BATCH, most - (seed - first))
  difference = await runBatch(seed, count, tally)
  if (difference !== null) await tell(difference, seed, count)
  seed += count
  if (performance.now() - told > PROGRESS_MILLISECONDS) {
    told = performance.now()
    console.error(`${tally.programs} programs, ${tally.runs} runs`)
  }
}
const seconds = Math.round((performance.now() - started) / 1000)
if (values.json) console.log(JSON.stringify({ first, ...tally, seconds, differences: difference === null ? 0 : 1 }))
else {
  const { programs, runs, reverts, skipped } = tally
  console.log(
    `${programs} programs, ${runs} runs (${reverts} reverts), ${skipped} skipped, from seed ${first} on in ${seconds} s`,
  )
}
if (difference !== null) process.exitCode = 1

async function tell({ program, input, want, got }: Difference, batch: number, count: number): Promise<void> {
  console.error(print([program]))
  console.error(`input:       ${input.join(' ')}`)
  console.error(`interpreter: ${want}`)
  console.error(`contract:    ${got}`)
  // Alone it is compiled otherwise: what is inlined where depends on its neighbours.
  const isAlone = (await runBatch(program.seed, 1, { programs: 0, runs: 0, reverts: 0, skipped: 0 })) !== null
  const which = isAlone ? `--seed ${program.seed} --programs 1` : `--seed ${batch} --programs ${count}`
  const without = values.without === undefined ? '' : ` --without ${values.without}`
  console.error(`again: npm run fuzz:compiler -- ${which}${without}`)
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`--${name} ${text}: a whole number is expected`)
  process.exit(2)
}

function guardNames(text: string): string[] {
  const names = text.split(',')
  const unknown = names.find((name) => GUARDS[name] === undefined)
  if (unknown === undefined) return names
  console.error(`--without ${unknown}: there are ${Object.keys(GUARDS).join(', ')}`)
  process.exit(2)
}
