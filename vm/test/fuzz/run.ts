/**
 * `npm run fuzz -- [--seconds N] [--seed S] [--json]`: compares the engines on random and mutated modules for N seconds,
 * seed after seed from S on. Ends with 1 at the first difference, which it makes small, writes to
 * vm/test/vectors/differences, and tells with the command that shows it again.
 */
import { relative } from 'node:path'
import { readOptions } from '../../../scripts/options.ts'
import { again, fuzzSession, type Session, summary } from './session.ts'
import { saveVector } from './vectors.ts'

const PROGRESS_MILLISECONDS = 10_000

const { values } = readOptions(import.meta.url, {
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const say = values.json ? console.error : console.log
const started = performance.now()
const end = started + Number(values.seconds) * 1000
let told = started

const session = await fuzzSession(Number(values.seed), (now) => {
  const time = performance.now()
  if (time - told > PROGRESS_MILLISECONDS) {
    told = time
    say(progress(now, time))
  }
  return time < end
})

const { finding, first, modules, tally } = session
if (finding !== null) {
  const { seed, problem, module, plan } = finding
  const file = saveVector(`seed-${seed}`, problem, seed, module, plan)
  console.error(`seed ${seed}: ${problem}`)
  console.error(typeof module === 'string' ? module : Buffer.from(module).toString('hex'))
  console.error(`written to ${relative(process.cwd(), file)}`)
  console.error(`again: ${again(seed)}`)
  process.exitCode = 1
}
const seconds = (performance.now() - started) / 1000
if (values.json) {
  console.log(JSON.stringify({ first, modules, seconds, ...tally, differences: finding === null ? 0 : 1 }))
} else console.log(`${summary(session)}, from seed ${first} on in ${seconds.toFixed(0)} s`)

function progress({ modules: done, tally: { runs } }: Session, time: number): string {
  const speed = (done / (time - started)) * 1000
  return `${done} modules, ${runs} runs, ${speed.toFixed(1)} modules/s, ${Math.round(process.memoryUsage.rss() / 1e6)} MB`
}
