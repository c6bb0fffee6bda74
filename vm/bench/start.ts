/**
 * The time to get a contract running: decoding, validating and rewriting it (instrumenting is the rewriting alone),
 * a pooled instance and a call of it, a first call in a fresh process.
 *
 * Times are the best of many short samples, since anything else that runs on the machine only adds to them.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from '../src/binary/decode.ts'
import { rewriteModule } from '../src/engine/compiled/rewriteModule.ts'
import { compile } from '../src/index.ts'
import { DEFAULT_LIMITS } from '../src/limits.ts'
import { SCHEDULES } from '../src/metering/schedule.ts'
import { validate } from '../src/validate/validateModule.ts'
import { seededRandom } from '../testing/random.ts'
import { watToWasm } from '../testing/wat.ts'
import { best, median } from './measure.ts'

/** Megabytes of Wasm a second. */
export interface StageSpeeds {
  readonly decode: number
  readonly validate: number
  readonly rewrite: number
}

export interface StartFigures {
  readonly stages: Readonly<Record<string, StageSpeeds>>
  readonly engines: Readonly<Record<MeasuredEngine, EngineStart>>
  readonly coldBytes: number
}

/** The reference engine prepares nothing but what the others do too. */
export const MEASURED_ENGINES = ['compiled', 'interpreter'] as const
export type MeasuredEngine = (typeof MEASURED_ENGINES)[number]

export interface EngineStart {
  /** An instance out of the pool of idle ones, of 16 pages, a constant and a global; and the same with a short call. */
  readonly pooledMicroseconds: number
  readonly pooledCallMicroseconds: number
  /** The first call of the contract, after those of the kernels. */
  readonly cold: ColdFigures
  /** The first of all calls of a process. */
  readonly fresh: ColdFigures
  /** The same where the VM has practised, as it does in a worker of a node. */
  readonly practised: ColdFigures
}

/** Milliseconds of first calls in as many processes. */
export interface ColdFigures {
  readonly median: number
  readonly worst: number
  readonly least: number
  /** Of the processor, in the thread that calls: what other work on the machine hardly changes. */
  readonly processor: number
}

const COLD_PROCESSES = 9
const POOLED_CALLS = 50

export function measureStart(kernels: readonly Uint8Array[], contract: Uint8Array): StartFigures {
  return {
    stages: {
      contract: stageSpeeds([contract]),
      kernels: stageSpeeds(kernels),
      'tiny functions': stageSpeeds([watToWasm(contractText(2_000))]),
    },
    engines: {
      compiled: engineStart('compiled', kernels, contract),
      interpreter: engineStart('interpreter', kernels, contract),
    },
    coldBytes: contract.length,
  }
}

function engineStart(engine: MeasuredEngine, kernels: readonly Uint8Array[], contract: Uint8Array): EngineStart {
  return {
    ...pooled(engine),
    cold: coldCalls(engine, 'new', [...kernels, contract]),
    fresh: coldCalls(engine, 'new', [contract]),
    practised: coldCalls(engine, 'practised', [contract]),
  }
}

/** Many functions of the kind compilers make: loads, arithmetic, branches, a loop, calls of earlier functions. */
function contractText(functions: number, seed = 0): string {
  const random = seededRandom(seed)
  const texts = Array.from({ length: functions }, (_, i) => {
    const call = i === 0 ? '(local.get 0)' : `(call $f${random.below(i)} (local.get 0) (local.get 1))`
    return `(func $f${i} (param i32 i32) (result i32) (local i32 i64)
      (local.set 2 (i32.and (i32.add (local.get 0) (i32.const ${random.below(1000)})) (i32.const 0xfff8)))
      (if (i32.lt_u (local.get 1) (i32.const ${random.below(50)}))
        (then (local.set 3 (i64.add (i64.load offset=8 (local.get 2)) (i64.const ${random.below(100_000)})))
          (i64.store (local.get 2) (i64.mul (local.get 3) (i64.const 31))))
        (else (i32.store offset=${random.below(100)} (local.get 2) (i32.xor (local.get 0) (local.get 1)))))
      (block $out (loop $next (br_if $out (i32.ge_u (local.get 1) (i32.const ${random.below(9)})))
        (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br $next)))
      (br_if 0 (local.get 2) (i32.eqz (local.get 0))) (drop)
      ${i % 8 === 7 ? call : '(i32.rotl (local.get 0) (local.get 2))'})`
  })
  return `(module (memory (export "memory") 16) (data (i32.const 1024) "a contract's constants")
    ${texts.join('\n')} (func (export "run") (param i32) (result i32) (call $f${functions - 1} (local.get 0) (i32.const 1))))`
}

function stageSpeeds(modules: readonly Uint8Array[]): StageSpeeds {
  const options = { floats: 'reject', limits: DEFAULT_LIMITS } as const
  const schedule = SCHEDULES['touchstone/1']
  const size = modules.reduce((sum, bytes) => sum + bytes.length, 0)
  const decoded = modules.map((bytes) => decode(bytes, options))
  const validated = decoded.map((module) => validate(module, DEFAULT_LIMITS))
  // One after the other: taking turns costs each some 5 % for what the others leave in the processor's caches.
  const speed = (work: () => void): number => size / 1e3 / best(3_000, [work])[0]!
  return {
    decode: speed(() => modules.forEach((bytes) => void decode(bytes, options))),
    validate: speed(() => decoded.forEach((module) => void validate(module, DEFAULT_LIMITS))),
    rewrite: speed(() => validated.forEach((module) => void rewriteModule(module, schedule, DEFAULT_LIMITS))),
  }
}

function pooled(engine: MeasuredEngine): Pick<EngineStart, 'pooledMicroseconds' | 'pooledCallMicroseconds'> {
  const program = compile(watToWasm(contractText(20)), { engine })
  const instances = (): void => program.instantiate({ fuel: 10n ** 9n }).release()
  const calls = (): void => {
    const instance = program.instantiate({ fuel: 10n ** 9n })
    if (instance.invoke('run', [7]).kind !== 'return') throw new Error('the call failed')
    instance.release()
  }
  const often = (work: () => void) => () => {
    for (let i = 0; i < POOLED_CALLS; i++) work()
  }
  const [alone, called] = best(1_000, [often(instances), often(calls)])
  return {
    pooledMicroseconds: (alone! / POOLED_CALLS) * 1e3,
    pooledCallMicroseconds: (called! / POOLED_CALLS) * 1e3,
  }
}

/** The first call of the last contract, each in a new process with V8's cache on disk, as nodes have it. */
function coldCalls(engine: MeasuredEngine, state: 'new' | 'practised', contracts: readonly Uint8Array[]): ColdFigures {
  const directory = mkdtempSync(join(tmpdir(), 'touchstone-bench-'))
  try {
    const files = contracts.map((bytes, index) => {
      const file = join(directory, `${index}.wasm`)
      writeFileSync(file, bytes)
      return file
    })
    const script = join(import.meta.dirname, 'cold.ts')
    const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compile-cache') }
    const run = () =>
      execFileSync(process.execPath, [script, engine, state, ...files], { encoding: 'utf8', env })
        .split(' ')
        .map(Number)
    run()
    const runs = Array.from({ length: COLD_PROCESSES }, run)
    const walls = runs.map(([wall]) => wall!)
    const processor = median(runs.map(([_wall, time]) => time!))
    return { median: median(walls), worst: Math.max(...walls), least: Math.min(...walls), processor }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
