/**
 * `npm run fuzz:modules -- [--count N] [--seed S] [--first I] [--json]`: mutates real modules and compares the decoder
 * and validator with V8's. A worker does the work, so that a mutant that never ends is noticed and named. Ends with 1
 * when there was a disagreement, a crash or a hang; a disagreement is written to vm/test/vectors/modules.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { readOptions } from '../../../scripts/options.ts'
import { Campaign } from './campaign.ts'
import { loadCorpus } from './corpus.ts'

/** A mutant that takes longer is a hang. */
const HANG_MILLISECONDS = 10_000
const PROGRESS_MILLISECONDS = 10_000
const VECTORS = join(import.meta.dirname, '../vectors/modules')
/** Mutants before what is compiled lazily is compiled and the heap has its size. */
const WARM = 20_000

interface Task {
  readonly seed: number
  readonly first: number
  readonly count: number
  /** Two words: the number being judged, and how often it changed. */
  readonly state: SharedArrayBuffer
}

interface Report {
  readonly mutants: number
  readonly accepted: number
  readonly refusedByBoth: number
  readonly refusedByProfile: number
  readonly disagreements: number
  readonly seconds: number
  readonly modulesPerSecond: number
  readonly megabytes: number
  readonly slowest: { readonly number: number; readonly of: string; readonly milliseconds: number }
  readonly rssMegabytes: { readonly warm: number; readonly end: number }
  readonly codes: Readonly<Record<string, number>>
}

if (isMainThread) main()
else await work(workerData as Task)

async function work({ seed, first, count, state }: Task): Promise<void> {
  const corpus = await loadCorpus()
  const { programs, small, broken, digest } = corpus
  const sizes = `${programs.length} programs, ${small.length} small modules, ${broken.length} broken ones`
  parentPort!.postMessage({ line: `from ${sizes} (corpus ${digest}), seed ${seed}` })
  const campaign = new Campaign(corpus, seed, () => performance.now())
  const words = new Int32Array(state)
  const started = performance.now()
  let told = started
  let warm = megabytes()
  for (let number = first; number < first + count; number++) {
    Atomics.store(words, 0, number)
    Atomics.add(words, 1, 1)
    campaign.judge(number)
    if (campaign.judged === WARM) warm = megabytes()
    const now = performance.now()
    if (now - told > PROGRESS_MILLISECONDS) {
      told = now
      const speed = Math.round((campaign.judged / (now - started)) * 1e3)
      parentPort!.postMessage({ line: `${campaign.judged} mutants, ${speed}/s, ${megabytes()} MB` })
    }
  }
  const seconds = (performance.now() - started) / 1e3
  for (const { number, of, problem, bytes } of campaign.findings) {
    parentPort!.postMessage({ finding: { number, of, problem, bytes } })
  }
  const report: Report = {
    mutants: campaign.judged,
    accepted: campaign.accepted,
    refusedByBoth: campaign.refusedByBoth,
    refusedByProfile: campaign.refusedByProfile,
    disagreements: campaign.findings.length,
    seconds: Math.round(seconds * 10) / 10,
    modulesPerSecond: Math.round(campaign.judged / seconds),
    megabytes: Math.round(campaign.bytes / 1e6),
    slowest: campaign.slowest,
    rssMegabytes: { warm, end: megabytes() },
    codes: Object.fromEntries([...campaign.codes].sort(([, left], [, right]) => right - left)),
  }
  parentPort!.postMessage({ report })
}

function main(): void {
  const { values } = readOptions(import.meta.url, {
    options: {
      count: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      first: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
    },
  })
  const state = new SharedArrayBuffer(8)
  const words = new Int32Array(state)
  const [seed, first, count] = [values.seed, values.first, values.count].map(Number) as [number, number, number]
  const worker = new Worker(import.meta.filename, { workerData: { seed, first, count, state } satisfies Task })
  const say = values.json ? console.error : console.log
  const again = (number: number): string => `again: npm run fuzz:modules -- --seed ${seed} --first ${number} --count 1`
  let seen = 0
  const watch = setInterval(() => {
    const now = Atomics.load(words, 1)
    if (now !== 0 && now === seen) {
      console.error(`mutant ${words[0]} did not end in ${HANG_MILLISECONDS / 1e3} s`)
      console.error(again(words[0]!))
      process.exit(1)
    }
    seen = now
  }, HANG_MILLISECONDS)
  worker.on('message', (message: { line?: string; finding?: Campaign['findings'][number]; report?: Report }) => {
    if (message.line !== undefined) say(message.line)
    if (message.finding !== undefined) {
      const { number, of, problem, bytes } = message.finding
      mkdirSync(VECTORS, { recursive: true })
      const file = join(VECTORS, `seed-${seed}-${number}.wasm`)
      writeFileSync(file, bytes)
      console.error(`mutant ${number} of ${of}: ${problem}\n  ${relative(process.cwd(), file)}; ${again(number)}`)
    }
    if (message.report === undefined) return
    clearInterval(watch)
    print(message.report, values.json)
    process.exitCode = message.report.disagreements > 0 ? 1 : 0
  })
  worker.on('error', (error: Error) => {
    clearInterval(watch)
    console.error(`mutant ${words[0]}: ${error.stack}`)
    console.error(again(words[0]!))
    process.exitCode = 1
  })
}

function print(report: Report, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(report, null, 2))
    return
  }
  const { mutants, accepted, refusedByBoth, refusedByProfile, slowest, rssMegabytes } = report
  console.log(`${report.megabytes} MB in ${report.seconds} s, ${report.modulesPerSecond} modules/s`)
  console.log(`slowest: ${slowest.milliseconds.toFixed(1)} ms (mutant ${slowest.number} of ${slowest.of})`)
  console.log(`memory: ${rssMegabytes.warm} MB after ${WARM} mutants, ${rssMegabytes.end} MB at the end`)
  console.log(`${Object.keys(report.codes).length} errors of ours met`)
  console.log(
    `${mutants} mutants: ${accepted} accepted by both, ${refusedByBoth} refused by both, ` +
      `${refusedByProfile} refused by the profile, ${report.disagreements} disagreements`,
  )
}

function megabytes(): number {
  return Math.round(process.memoryUsage.rss() / 1e6)
}
