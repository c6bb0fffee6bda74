/**
 * `npm run bench:vm [-- --rounds N] [--json FILE] [--check] [--peers [--wasm3 FOLDER]]`: the engines against the same module
 * unmetered on the host's WebAssembly, and what it costs to get a contract running. `--check` compares with
 * vm/bench/baseline.json. `--peers` measures nothing but the interpreter beside wasm3 and wasmi, which it builds with the
 * toolchains that it finds; FOLDER has other C sources of wasm3 than those of the crate wasm3-sys (0.4.7, which lacks bulk
 * memory).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readOptions } from '../../scripts/options.ts'
import { compile, type Instance } from '../src/index.ts'
import { MAX_FUEL } from '../src/limits.ts'
import { v8Instantiate } from '../test/v8.ts'
import { buildContract, buildKernels, type Kernel } from './buildKernels.ts'
import { geometricMean, median, timed } from './measure.ts'
import { measurePeers } from './peers/peers.ts'
import { MEASURED_ENGINES, measureStart, type StartFigures } from './start.ts'

/**
 * Arguments that take the unmetered module some 20 milliseconds; the interpreter gets a tenth, the reference engine less.
 */
const SIZES: Readonly<Record<string, readonly [number, number, number]>> = {
  dispatch: [2_500_000, 250_000, 10_000],
  fib: [32, 27, 17],
  hashtable: [1_200_000, 120_000, 4_000],
  interpreter: [4_000_000, 400_000, 20_000],
  keccak: [4_000, 400, 6],
  matmul: [120, 60, 1],
  mulmod: [60_000, 6_000, 150],
  sha256: [35_000, 3_500, 60],
  sieve: [60, 6, 1],
  sort: [50, 5, 1],
}
/** Runs of the unmetered module with a smaller argument that are timed together. */
const MEDIUM_RUNS = 4
const SMALL_RUNS = 20
/** Kernels may be this much slower than in the baseline before `--check` fails; the mean, less. */
const KERNEL_SLACK = 1.25
const MEAN_SLACK = 1.06
/** So may rewriting be against decoding the same module, which does not depend on the machine much. */
const REWRITE_SLACK = 1.5

/** Where first calls are measured; after the processor's time stands the ratio to the compiled engine's. */
const COLD_STATES = [
  ['cold', 'after the kernels'],
  ['fresh', 'where the VM has run nothing before'],
  ['practised', 'in a worker that has practised'],
] as const

interface Figures {
  readonly unmeteredMs: number
  readonly compiled: number
  readonly interpreter: number
  readonly reference: number
}

interface Result {
  readonly kernels: Readonly<Record<string, Figures>>
  readonly compiled: number
  readonly interpreter: number
  readonly reference: number
  readonly start: StartFigures
}

const { values: options } = readOptions(import.meta.url, {
  options: {
    rounds: { type: 'string', default: '15' },
    json: { type: 'string', default: join(import.meta.dirname, 'build', 'vm.json') },
    check: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    wasm3: { type: 'string' },
  },
})

const kernels = await buildKernels()
if (options.peers) {
  const sides = kernels.map(({ name, bytes }) => {
    const interpreter = meteredRun(compile(bytes, { engine: 'interpreter' }).instantiate())
    const unmetered = unmeteredRun(bytes)
    const argument = sizesOf(name)[1]
    for (let i = 0; i < 4; i++) for (const run of [unmetered, interpreter]) run(argument)
    return { name, bytes, argument, unmetered, interpreter }
  })
  measurePeers(sides, Number(options.rounds), options.wasm3, (line) => console.log(line))
  process.exit(0)
}
const contract = await buildContract()
const sides = kernels.map(prepare)
const rounds = Number(options.rounds)
for (let round = 0; round < rounds; round++) for (const side of sides) side.round()
const result = summarize()
print(result)
mkdirSync(dirname(options.json), { recursive: true })
writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
const failures = options.check
  ? compare(result, JSON.parse(readFileSync(join(import.meta.dirname, 'baseline.json'), 'utf8')))
  : []
for (const failure of failures) console.error(failure)
console.log(`compiled/unmetered geomean ${result.compiled.toFixed(3)}`)
console.log(`interpreter/unmetered geomean ${result.interpreter.toFixed(1)}`)
console.log(`reference/unmetered geomean ${result.reference.toFixed(1)}`)
process.exitCode = failures.length === 0 ? 0 : 1

type Run = (n: number) => bigint

interface Side {
  readonly name: string
  readonly unmetered: number[]
  readonly compiled: number[]
  readonly interpreter: number[]
  readonly reference: number[]
  round(): void
}

function prepare({ name, bytes }: Kernel): Side {
  const [large, medium, small] = sizesOf(name)
  const unmetered = unmeteredRun(bytes)
  const compiled = meteredRun(compile(bytes, { engine: 'compiled' }).instantiate())
  const interpreter = meteredRun(compile(bytes, { engine: 'interpreter' }).instantiate())
  const reference = meteredRun(compile(bytes, { engine: 'reference' }).instantiate())
  // Warm up: the host's optimising compiler replaces functions, not running loops.
  for (let i = 0; i < 4; i++) {
    for (const run of [unmetered, compiled]) {
      run(small)
      run(Math.max(small, large >> 2))
    }
    interpreter(medium)
  }
  const expected = unmetered(small)
  if ([compiled, interpreter, reference].some((run) => run(small) !== expected)) {
    throw new Error(`kernel ${name}: results differ`)
  }
  const none = (): number[] => []
  const side = { name, unmetered: none(), compiled: none(), interpreter: none(), reference: none() }
  const often = (run: Run, times: number, n: number) => (): void => {
    for (let i = 0; i < times; i++) run(n)
  }
  let turn = 0
  return {
    ...side,
    round() {
      // Whoever comes second finds warmer caches, so they take turns in that too.
      const first = turn++ % 2 === 0
      const before = first ? timed(() => unmetered(large)) : 0
      side.compiled.push(timed(() => compiled(large)))
      side.unmetered.push(first ? before : timed(() => unmetered(large)))
      const middling = timed(often(unmetered, MEDIUM_RUNS, medium))
      side.interpreter.push((MEDIUM_RUNS * timed(() => interpreter(medium))) / middling)
      if (turn > 3) return
      const base = timed(often(unmetered, SMALL_RUNS, small))
      side.reference.push((SMALL_RUNS * timed(() => reference(small))) / base)
    },
  }
}

function sizesOf(name: string): readonly [number, number, number] {
  const sizes = SIZES[name]
  if (sizes === undefined) throw new Error(`how long kernel ${name} is to run is not told`)
  return sizes
}

function unmeteredRun(bytes: Uint8Array): Run {
  return v8Instantiate(bytes, {})['run'] as Run
}

function meteredRun(instance: Instance): Run {
  return (n) => {
    instance.setFuel(MAX_FUEL)
    const outcome = instance.invoke('run', [n])
    if (outcome.kind !== 'return') throw new Error(JSON.stringify(outcome, (_key, value) => String(value)))
    return outcome.values[0] as bigint
  }
}

function summarize(): Result {
  const figures: Record<string, Figures> = {}
  for (const { name, unmetered, compiled, interpreter, reference } of sides) {
    figures[name] = {
      unmeteredMs: median(unmetered),
      compiled: median(compiled.map((time, i) => time / unmetered[i]!)),
      interpreter: median(interpreter),
      reference: median(reference),
    }
  }
  const all = Object.values(figures)
  return {
    kernels: figures,
    compiled: geometricMean(all.map(({ compiled }) => compiled)),
    interpreter: geometricMean(all.map(({ interpreter }) => interpreter)),
    reference: geometricMean(all.map(({ reference }) => reference)),
    start: measureStart(
      kernels.map(({ bytes }) => bytes),
      contract,
    ),
  }
}

function print({ kernels: figures, start }: Result): void {
  console.log('kernel         unmetered ms   compiled   interpreter   reference   (time / unmetered)')
  for (const [name, { unmeteredMs, compiled, interpreter, reference }] of Object.entries(figures)) {
    const cells = [
      unmeteredMs.toFixed(1).padStart(12),
      compiled.toFixed(3).padStart(11),
      interpreter.toFixed(1).padStart(14),
      reference.toFixed(1).padStart(12),
    ]
    console.log(`${name.padEnd(15)}${cells.join('')}`)
  }
  console.log('MB of Wasm a second   decode   validate   rewrite')
  for (const [name, { decode, validate, rewrite }] of Object.entries(start.stages)) {
    const cells = [decode.toFixed(1).padStart(8), validate.toFixed(1).padStart(11), rewrite.toFixed(1).padStart(10)]
    console.log(`${name.padEnd(20)}${cells.join('')}`)
  }
  console.log(`instrumenting ${start.stages['contract']!.rewrite.toFixed(1)} MB/s`)
  const size = `${(start.coldBytes / 1024).toFixed(1)} KB contract`
  for (const engine of MEASURED_ENGINES) {
    const figures = start.engines[engine]
    const call = `with a call ${figures.pooledCallMicroseconds.toFixed(1)} us`
    console.log(`${engine}: pooled instance of 16 pages ${figures.pooledMicroseconds.toFixed(1)} us, ${call}`)
    for (const [state, where] of COLD_STATES) {
      const { median, least, worst, processor } = figures[state]
      const range = `${median.toFixed(1)} ms (${least.toFixed(1)} to ${worst.toFixed(1)})`
      const ratio =
        engine === 'compiled' ? '' : ` (${(processor / start.engines.compiled[state].processor).toFixed(2)})`
      const time = `${processor.toFixed(1)} ms of the processor${ratio}`
      console.log(`${engine}: first call of a ${size} ${where} ${range}, ${time}`)
    }
  }
}

function compare(now: Result, baseline: Result): string[] {
  const worse: string[] = []
  for (const [name, { compiled }] of Object.entries(now.kernels)) {
    const before = baseline.kernels[name]?.compiled
    if (before !== undefined && compiled > before * KERNEL_SLACK) {
      worse.push(`kernel ${name}: compiled/unmetered is ${compiled.toFixed(3)}, the baseline ${before.toFixed(3)}`)
    }
  }
  if (now.compiled > baseline.compiled * MEAN_SLACK) {
    worse.push(`compiled/unmetered geomean is ${now.compiled.toFixed(3)}, the baseline ${baseline.compiled.toFixed(3)}`)
  }
  for (const [name, speeds] of Object.entries(now.start.stages)) {
    const before = baseline.start.stages[name]
    if (before === undefined) continue
    const ratio = speeds.decode / speeds.rewrite
    if (ratio > (before.decode / before.rewrite) * REWRITE_SLACK) {
      const least = (before.decode / before.rewrite).toFixed(2)
      worse.push(`rewriting ${name} takes ${ratio.toFixed(2)} times as long as decoding, in the baseline ${least}`)
    }
  }
  return worse
}
