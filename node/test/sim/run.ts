/**
 * Runs simulations from the command line:
 *   node node/test/sim/run.ts --seeds N [--seed S] [--nodes 4..10] [--byzantine B] [--once] [--trace]
 *   node node/test/sim/run.ts --scenario NAME [--trace]
 * Each seed runs twice and must give the same trace. A failure prints the command that repeats it.
 */
import { parseArgs } from 'node:util'
import { SCENARIOS } from './scenarios/all.ts'
import { simulate } from './simulation.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '4' },
    byzantine: { type: 'string' },
    scenario: { type: 'string' },
    once: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    forgetful: { type: 'boolean', default: false },
  },
})

process.exitCode = values.scenario === undefined ? await runSeeds() : await runScenario(values.scenario)

async function runScenario(name: string): Promise<number> {
  const scenario = SCENARIOS[name]
  if (scenario === undefined) {
    console.log(`no scenario ${name}; there are ${Object.keys(SCENARIOS).join(', ')}`)
    return 2
  }
  const { checks, trace } = await scenario()
  if (values.trace) for (const line of trace) console.log(line)
  for (const [what, holds] of checks) console.log(`${holds ? 'holds ' : 'BROKEN'} ${what}`)
  const failed = checks.filter(([, holds]) => !holds).length
  console.log(`${checks.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function runSeeds(): Promise<number> {
  const first = Number(values.seed)
  const count = Number(values.seeds)
  const nodes = Number(values.nodes)
  const started = performance.now()
  let failed = 0
  let events = 0
  let heights = 0
  let slowest = 0
  let evidence = 0
  for (let seed = first; seed < first + count; seed++) {
    const options = {
      seed,
      nodes,
      ...(values.byzantine === undefined ? {} : { byzantine: Number(values.byzantine) }),
      keepTrace: values.trace,
      forgetful: values.forgetful,
    }
    const result = await simulate(options)
    if (values.trace) for (const line of result.trace) console.log(line)
    let violation = result.violation
    if (!values.once && violation === null) {
      const again = await simulate(options)
      if (again.digest !== result.digest) violation = `another trace: ${result.digest} and ${again.digest}`
    }
    events += result.events
    heights += result.heights
    slowest = Math.max(slowest, result.recovery)
    evidence += result.evidence > 0 ? 1 : 0
    if (violation === null) continue
    failed += 1
    const byzantine = values.byzantine === undefined ? '' : ` --byzantine ${values.byzantine}`
    console.log(`seed ${seed}: ${violation}`)
    console.log(`  again: node node/test/sim/run.ts --seed ${seed} --nodes ${nodes}${byzantine} --trace`)
  }
  const seconds = (performance.now() - started) / 1000
  console.log(
    `${count - failed} passed, ${failed} failed; ${heights} heights, ${events} events, evidence in ${evidence} runs, ` +
      `slowest recovery ${Math.round(slowest)} ms, ${(count / seconds).toFixed(1)} seeds/s`,
  )
  return failed === 0 ? 0 : 1
}
