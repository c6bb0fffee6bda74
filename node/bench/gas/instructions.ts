/** Nanoseconds per gas of each class of instructions, and of the kernels that stand for a typical mix. */
import { compile, type Instance } from '@touchstone/vm'
import { watToWasm } from '@touchstone/vm/testing/wat'
import { buildKernels } from '../../../vm/bench/buildKernels.ts'
import { MAX_FUEL } from '../../../vm/src/limits.ts'
import type { EngineName } from '../../src/execution/executionConfig.ts'
import { caseText, type InstructionCase, instructionCases } from './instructionCases.ts'
import type { Row } from './row.ts'
import { nanosecondsOf } from './stopwatch.ts'

/** The argument with which a kernel's work grows: its argument times this is about the number of simple steps. */
const KERNELS: Readonly<Record<string, (budget: number) => number>> = {
  dispatch: (steps) => steps / 8,
  fib: (steps) => Math.log(steps) / Math.log(1.618) - 3,
  hashtable: (steps) => steps / 10,
  interpreter: (steps) => steps / 3,
  keccak: (steps) => steps / 3_500,
  matmul: (steps) => steps / 250_000,
  mulmod: (steps) => steps / 160,
  sha256: (steps) => steps / 800,
  sieve: (steps) => steps / 200_000,
  sort: (steps) => steps / 500_000,
}
/** Steps a kernel is to take: some milliseconds. */
const KERNEL_STEPS: Readonly<Record<EngineName, number>> = {
  compiled: 4_000_000,
  interpreter: 500_000,
  reference: 50_000,
}
/** A measurement is to take this long at least. */
const NANOSECONDS: Readonly<Record<EngineName, number>> = {
  compiled: 600_000,
  interpreter: 1_000_000,
  reference: 1_500_000,
}
/** A function has to be called so often before the host's optimising compiler takes it. */
const WARM_UP_CALLS = 10

export interface InstructionOptions {
  readonly engine: EngineName
  readonly schedule: string
  readonly rounds: number
  readonly wanted: (name: string) => boolean
}

/** One side of a measurement: turns of a loop and what they cost. */
interface Side {
  readonly turns: number
  fuel: number
  /** Least nanoseconds so far. */
  best: number
  round(): void
}

interface Prepared {
  readonly test: InstructionCase
  readonly side: Side
  readonly base: Side | null
  readonly first: number
}

export async function mixRows({ engine, schedule, rounds }: InstructionOptions): Promise<Row[]> {
  const sides = (await buildKernels()).map(({ name, bytes }) => {
    const size = KERNELS[name]
    if (size === undefined) throw new Error(`how long kernel ${name} is to run is not told`)
    const n = Math.max(1, Math.round(size(KERNEL_STEPS[engine])))
    const fresh = () => compile(bytes, { engine, schedule }).instantiate()
    const first = engine === 'compiled' ? firstCall(fresh(), n) : null
    const instance = fresh()
    if (engine === 'compiled') for (let i = 0; i < WARM_UP_CALLS; i++) call(instance, 'run', [n])
    return { name, first, side: newSide(instance, n) }
  })
  for (let round = 0; round < rounds; round++) for (const { side } of sides) side.round()
  return sides.map(({ name, first, side }) => ({
    group: 'mix',
    name,
    engine,
    gas: side.fuel / 10_000,
    nanoseconds: side.best,
    ownNanoseconds: null,
    firstNanoseconds: first,
  }))
}

export function instructionRows(options: InstructionOptions): Row[] {
  const prepared = instructionCases.filter(({ name }) => options.wanted(name)).map((test) => prepare(test, options))
  for (let round = 0; round < options.rounds; round++) {
    for (const { side, base } of prepared) {
      side.round()
      base?.round()
    }
  }
  return prepared.map((item) => rowOf(item, options.engine))
}

function prepare(test: InstructionCase, { engine, schedule }: InstructionOptions): Prepared {
  const { base } = test
  const bytes = watToWasm(caseText(test, test.body))
  const fresh = () => prepareMemory(compile(bytes, { engine, schedule }).instantiate())
  const instance = fresh()
  const turns = turnsFor(instance, engine)
  if (engine === 'compiled') for (let i = 0; i < WARM_UP_CALLS; i++) call(instance, 'run', [turns])
  return {
    test,
    side: newSide(instance, turns),
    base: base === undefined ? null : baseSide(watToWasm(caseText(test, base)), turns, engine, schedule),
    first: engine === 'compiled' ? firstCall(fresh(), turns) : 0,
  }
}

function baseSide(bytes: Uint8Array, turns: number, engine: EngineName, schedule: string): Side {
  const instance = prepareMemory(compile(bytes, { engine, schedule }).instantiate())
  if (engine === 'compiled') for (let i = 0; i < WARM_UP_CALLS; i++) call(instance, 'run', [turns])
  return newSide(instance, turns)
}

/** Doubles the turns until they take long enough to be measured. */
function turnsFor(instance: Instance, engine: EngineName): number {
  for (let turns = 1; ; turns *= 2) {
    const times = [1, 2, 3].map(() => nanosecondsOf(() => call(instance, 'run', [turns])))
    if (Math.min(...times) > NANOSECONDS[engine]) return turns
  }
}

function newSide(instance: Instance, turns: number): Side {
  return {
    turns,
    fuel: 0,
    best: Number.POSITIVE_INFINITY,
    round() {
      this.best = Math.min(
        this.best,
        nanosecondsOf(() => {
          this.fuel = call(instance, 'run', [turns])
        }),
      )
    },
  }
}

function prepareMemory(instance: Instance): Instance {
  call(instance, 'prepare', [])
  return instance
}

/** Nanoseconds of a call in code as the host's quick compiler leaves it; a call without work has compiled it. */
function firstCall(instance: Instance, n: number): number {
  call(instance, 'run', [0])
  return nanosecondsOf(() => call(instance, 'run', [n]))
}

/** Runs it; the fuel used. */
function call(instance: Instance, name: string, args: readonly number[]): number {
  instance.setFuel(MAX_FUEL)
  const outcome = instance.invoke(name, args)
  if (outcome.kind !== 'return') throw new Error(JSON.stringify(outcome, (_key, value) => String(value)))
  return Number(outcome.fuelUsed)
}

function rowOf({ test, side, base, first }: Prepared, engine: EngineName): Row {
  const { copies = 64, per = 1 } = test
  const count = side.turns * copies * per
  return {
    group: test.pattern === true ? 'memory pattern' : 'instruction',
    name: test.name,
    engine,
    gas: side.fuel / 10_000 / count,
    nanoseconds: side.best / count,
    ownNanoseconds: base === null ? null : Math.max(0, side.best - base.best) / count,
    firstNanoseconds: engine === 'compiled' ? first / count : null,
  }
}
