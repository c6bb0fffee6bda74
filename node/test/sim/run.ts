/**
 * Runs simulations from the command line:
 *   npm run sim -- --seeds N [--seed S] [--nodes 4..10] [--byzantine B] [--actor NAME]
 *     [--sparse] [--crooked] [--light] [--once] [--trace] [--json]
 *   npm run sim -- --scenario NAME [--trace]
 * Nodes count from 0 in traces, as validators do in their set; `devnet` counts them from 1.
 * Each seed runs twice and must give the same trace. A failure prints the command that repeats it.
 */
import process from 'node:process'
import { readOptions } from '../../../scripts/options.ts'
import { SCENARIOS } from './scenarios/all.ts'
import { ACTORS, commandOf, type SimulationOptions, simulate, simulateTwice } from './simulate.ts'

/** Milliseconds between two lines of progress. */
const PROGRESS_INTERVAL = 10_000

const { values } = readOptions(import.meta.url, {
  options: {
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '4' },
    byzantine: { type: 'string' },
    actor: { type: 'string' },
    sparse: { type: 'boolean' },
    crooked: { type: 'boolean' },
    scenario: { type: 'string' },
    light: { type: 'boolean', default: false },
    once: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const NO_RESULTS = {
  passed: 0,
  failed: 0,
  heights: 0,
  events: 0,
  evidence: 0,
  setChanges: 0,
  mostRounds: 0,
  /** Runs with a height under way at healing, and simulated milliseconds until it was decided. */
  healed: 0,
  healingTime: 0,
  longestHealing: 0,
}

process.exitCode = values.scenario === undefined ? await runSeeds() : await runScenario(values.scenario)

async function runScenario(name: string): Promise<number> {
  const scenario = SCENARIOS[name]
  if (scenario === undefined) {
    console.error(`no scenario ${name}; there are ${Object.keys(SCENARIOS).join(', ')}`)
    return 2
  }
  const { checks, trace } = await scenario()
  if (values.trace) for (const line of trace) console.log(line)
  for (const [what, holds] of checks) console.log(`${holds ? 'holds ' : 'BROKEN'} ${what}`)
  const failed = checks.filter(([, holds]) => !holds).length
  console.log(`${checks.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** A whole number from a flag, or the end of the program with a word about it. */
function wholeNumber(flag: 'seeds' | 'seed' | 'nodes' | 'byzantine', least: number, most: number): number {
  const value = Number(values[flag])
  if (Number.isInteger(value) && value >= least && value <= most) return value
  console.error(`--${flag} ${values[flag]}: a whole number from ${least} to ${most} is expected`)
  process.exit(2)
}

async function runSeeds(): Promise<number> {
  const first = wholeNumber('seed', 0, 2 ** 31)
  const count = wholeNumber('seeds', 1, 10_000_000)
  const nodes = wholeNumber('nodes', 1, 10)
  const byzantine = values.byzantine === undefined ? {} : { byzantine: wholeNumber('byzantine', 0, nodes) }
  const { actor, sparse, crooked } = values
  if (actor !== undefined && !Object.hasOwn(ACTORS, actor)) {
    console.error(`--actor ${actor}: there are ${Object.keys(ACTORS).join(', ')}`)
    return 2
  }
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const total = { ...NO_RESULTS }
  let reported = started
  for (let seed = first; seed < first + count; seed++) {
    const options = { seed, nodes, ...byzantine, actor, sparse, crooked, light: values.light }
    const violation = await runSeed(options, total)
    if (violation === null) total.passed += 1
    else {
      total.failed += 1
      console.error(`seed ${seed}: ${violation}\n  again: ${commandOf(options)}`)
    }
    if (performance.now() - reported < PROGRESS_INTERVAL) continue
    reported = performance.now()
    const done = seed - first + 1
    console.error(`${done} of ${count} seeds, ${total.failed} failed, ${(done / seconds()).toFixed(1)} seeds/s`)
  }
  const rate = Number((count / seconds()).toFixed(1))
  if (values.json) console.log(JSON.stringify({ ...total, secondsRun: Math.round(seconds()), seedsPerSecond: rate }))
  else {
    console.log(
      `${total.passed} passed, ${total.failed} failed; ${total.heights} heights, ${total.events} events, evidence in ` +
        `${total.evidence} runs, ${total.setChanges} changes of validator sets, at most ${total.mostRounds} rounds for a height after healing, ` +
        `decided ${Math.round(total.healingTime / Math.max(1, total.healed))} ms after it on average and ${Math.round(total.longestHealing)} at most, ${rate} seeds/s`,
    )
  }
  return total.failed === 0 ? 0 : 1
}

async function runSeed(options: SimulationOptions, total: typeof NO_RESULTS): Promise<string | null> {
  const result = await (values.once ? simulate : simulateTwice)({ ...options, keepTrace: values.trace })
  if (values.trace) for (const line of result.trace) console.log(line)
  total.heights += result.heights
  total.events += result.events
  total.evidence += result.evidence > 0 ? 1 : 0
  total.setChanges += Math.max(0, result.sets - 1)
  total.mostRounds = Math.max(total.mostRounds, result.roundsAfterHealing)
  if (result.healingTime >= 0) {
    total.healed += 1
    total.healingTime += result.healingTime
    total.longestHealing = Math.max(total.longestHealing, result.healingTime)
  }
  return result.violation
}
