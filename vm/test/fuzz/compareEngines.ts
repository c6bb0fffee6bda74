/**
 * Runs one module on all engines and tells the first difference that consensus, or a contract, could see. The
 * reference engine charges every single instruction by its definition: it is the oracle of fuel as well.
 *
 * The programs of the other engines are instantiated, run and released again and again, so that most runs are of a pooled
 * instance; at the end those of programs compiled anew are compared with them, whose functions are called for the first
 * time, with all the fuel and with a part of it.
 */
import {
  type CompileOptions,
  compile,
  ENGINE_NAMES,
  type EngineName,
  LinkError,
  type Outcome,
  type Program,
  type Trap,
  type WasmValue,
} from '../../src/index.ts'
import type { Random } from '../../testing/random.ts'
import { FuzzHost, outcomeWords } from './fuzzHost.ts'

/** Modules that use no more are run at every limit. */
const SMALL = 250n

export interface Plan {
  readonly options: CompileOptions
  readonly args: readonly WasmValue[]
  /** Fuel of the first run, in which the total is found. */
  readonly fuel: bigint
}

/** Counts what was done. */
export interface Tally {
  runs: number
  /** Modules run at every limit from 0 on. */
  everyLimit: number
}

/** All a run shows. */
interface Run {
  readonly outcome: Outcome | { readonly kind: 'not run'; readonly why: string }
  readonly calls: readonly string[]
  readonly globals: readonly string[]
  readonly fuelLeft: bigint
  readonly memory: Uint8Array
}

/** Compared with the reference engine. */
const OTHERS = ENGINE_NAMES.filter((name) => name !== 'reference')

const NO_BYTES = new Uint8Array()

/** Null when the engines agree. @throws ValidationError for a module that is refused. */
export function difference(bytes: Uint8Array, plan: Plan, random: Random, tally?: Tally): string | null {
  const reference = compile(bytes, { ...plan.options, engine: 'reference' })
  const others = OTHERS.map((engine) => compile(bytes, { ...plan.options, engine }))
  const at = (fuel: bigint): string | null => {
    if (tally) tally.runs++
    const expected = run(reference, plan, fuel)
    for (const other of others) {
      const problem = compare(expected, run(other, plan, fuel), other.engine)
      if (problem !== null) return `with ${fuel} fuel: ${problem}`
    }
    return null
  }
  const first = at(plan.fuel)
  if (first !== null) return first
  const { outcome } = run(reference, plan, plan.fuel)
  if (outcome.kind === 'not run') return null
  const fuels = limits(outcome, plan.fuel, random)
  if (tally && fuels[0] === 0n && fuels.length > 3) tally.everyLimit++
  for (const fuel of fuels) {
    const problem = at(fuel)
    if (problem !== null) return problem
  }
  if (random.below(4) > 0) return null
  for (const fuel of [plan.fuel, fuels[random.below(fuels.length)]!]) {
    for (const used of others) {
      const fresh = compile(bytes, { ...plan.options, engine: used.engine })
      const problem = compare(run(fresh, plan, fuel), run(used, plan, fuel), used.engine)
      if (problem !== null) return `with ${fuel} fuel, a new instance (for reference) and a used one: ${problem}`
    }
  }
  return null
}

function limits(outcome: Outcome, fuel: bigint, random: Random): bigint[] {
  const total = outcome.kind === 'trap' ? fuel : outcome.fuelUsed
  if (total <= SMALL) return Array.from({ length: Number(total) + 2 }, (_, i) => BigInt(i))
  const some = Array.from({ length: 3 }, () => BigInt(random.below(Number(total))))
  return outcome.kind === 'trap' ? some : [total - 1n, total, total + 1n, ...some]
}

function run(program: Program, plan: Plan, fuel: bigint): Run {
  const host = new FuzzHost(program, plan.args)
  const nothing = { calls: host.calls, globals: [], fuelLeft: 0n, memory: NO_BYTES }
  try {
    const { instance, outcome } = host.start(fuel)
    if (instance === null) return { ...nothing, outcome }
    const { memory } = instance
    const globals = program.module.exports
      .filter(({ external }) => external.kind === 'global' && external.type !== 'funcref')
      .map(({ name }) => `${name} ${instance.global(name)}`)
    const run = {
      outcome,
      calls: host.calls,
      globals,
      fuelLeft: instance.fuelLeft(),
      memory: memory?.read(0, memory.size) ?? NO_BYTES,
    }
    instance.release()
    return run
  } catch (error) {
    // Mutated modules may import or export other things; every engine must then say the same.
    if (error instanceof LinkError) return { ...nothing, outcome: { kind: 'not run', why: error.code } }
    if (error instanceof TypeError) return { ...nothing, outcome: { kind: 'not run', why: error.message } }
    return { ...nothing, outcome: { kind: 'not run', why: `the ${program.engine} engine failed: ${error}` } }
  }
}

function compare(reference: Run, compiled: Run, engine: EngineName): string | null {
  const [left, right] = [reference.outcome, compiled.outcome]
  if (reference.calls.join('\n') !== compiled.calls.join('\n')) {
    const longest = reference.calls.length > compiled.calls.length ? reference.calls : compiled.calls
    const i = longest.findIndex((_, k) => reference.calls[k] !== compiled.calls[k])
    return `host call ${i}: ${reference.calls[i]} on reference, ${compiled.calls[i]} on ${engine}`
  }
  const [leftWords, rightWords] = [words(left), words(right)]
  if (leftWords !== rightWords || / engine failed: /.test(leftWords)) {
    return `${leftWords} on reference, ${rightWords} on ${engine}`
  }
  if (left.kind === 'trap') return compareTraps(left.trap, (right as Outcome & { kind: 'trap' }).trap, engine)
  if (reference.globals.join() !== compiled.globals.join()) {
    return `globals ${reference.globals} on reference, ${compiled.globals} on ${engine}`
  }
  if (reference.fuelLeft !== compiled.fuelLeft) {
    return `${reference.fuelLeft} fuel left on reference, ${compiled.fuelLeft} on ${engine}`
  }
  if (reference.memory.length !== compiled.memory.length) return 'sizes of memory'
  if (Buffer.compare(reference.memory, compiled.memory) === 0) return null
  return `memory at ${reference.memory.findIndex((byte, i) => byte !== compiled.memory[i])}`
}

/** Which of two reasons came first is not consensus where one of them is that something ran out. */
function compareTraps(reference: Trap, compiled: Trap, engine: EngineName): string | null {
  const ranOut = ({ code }: Trap): boolean => code === 'out-of-gas' || code === 'stack-exhausted'
  if (ranOut(reference) || ranOut(compiled)) return null
  if (reference.code !== compiled.code) return `trap ${reference.code} on reference, ${compiled.code} on ${engine}`
  const frames = (trap: Trap): string => JSON.stringify(trap.frames)
  return frames(reference) === frames(compiled)
    ? null
    : `frames ${frames(reference)} on reference, ${frames(compiled)} on ${engine}`
}

function words(outcome: Run['outcome']): string {
  return outcome.kind === 'not run' ? outcome.why : outcomeWords(outcome)
}
