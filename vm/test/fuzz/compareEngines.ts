/** Runs one module on two engines and tells the first difference that consensus, or a contract, could see. */
import {
  type CompileOptions,
  compile,
  type HostContext,
  HostExit,
  HostTrap,
  type Imports,
  type Outcome,
  type Program,
  type Trap,
  type WasmValue,
} from '../../src/index.ts'
import type { Random } from '../random.ts'
import { HOST } from './generateModule.ts'

/** Modules that use no more are run at every limit. */
const SMALL = 250n

export interface Plan {
  readonly options: CompileOptions
  readonly args: readonly WasmValue[]
  /** Fuel of the first run, in which the total is found. */
  readonly fuel: bigint
}

/** All a run shows. */
interface Run {
  readonly outcome: Outcome
  readonly calls: readonly string[]
  readonly globals: readonly WasmValue[]
  readonly memory: Uint8Array
}

/** Null when the engines agree. @throws ValidationError for a module that is refused. */
export function difference(bytes: Uint8Array, plan: Plan, random: Random): string | null {
  const reference = compile(bytes, { ...plan.options, engine: 'reference' })
  const compiled = compile(bytes, { ...plan.options, engine: 'compiled' })
  const at = (fuel: bigint): string | null => {
    const problem = compare(run(reference, plan, fuel), run(compiled, plan, fuel))
    return problem === null ? null : `with ${fuel} fuel: ${problem}`
  }
  const first = at(plan.fuel)
  if (first !== null) return first
  const { outcome } = run(reference, plan, plan.fuel)
  for (const fuel of limits(outcome, plan.fuel, random)) {
    const problem = at(fuel)
    if (problem !== null) return problem
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
  const calls: string[] = []
  const instance = program.instantiate({ imports: hostFunctions(calls), fuel })
  try {
    const outcome = instance.invoke('run', plan.args)
    const memory = instance.memory!
    return {
      outcome,
      calls,
      globals: [instance.global('g0'), instance.global('g1')],
      memory: memory.read(0, memory.size),
    }
  } finally {
    instance.release()
  }
}

function hostFunctions(calls: string[]): Imports {
  const note = (name: string, context: HostContext, ...args: WasmValue[]): void => {
    const memory = context.memory!
    calls.push(`${name}(${args.join()}) with ${context.fuelLeft()} left, ${memory.size} bytes, ${memory.read(16, 8)}`)
  }
  return {
    e: {
      tick: {
        type: HOST['tick']!,
        call: (a: number, b: bigint, context: HostContext) => void note('tick', context, a, b),
      },
      fuel: {
        type: HOST['fuel']!,
        call: (context: HostContext) => {
          note('fuel', context)
          return context.fuelLeft()
        },
      },
      take: {
        type: HOST['take']!,
        call: (a: number, context: HostContext) => {
          note('take', context, a)
          context.chargeFuel(BigInt(a & 15))
          return a & 3
        },
      },
      stop: {
        type: HOST['stop']!,
        call: (a: number, context: HostContext) => {
          note('stop', context, a)
          if ((a & 3) === 0) throw new HostExit(a)
          if ((a & 3) === 1) throw new HostTrap('host', 'stopped')
          return undefined
        },
      },
    },
  }
}

function compare(reference: Run, compiled: Run): string | null {
  const [left, right] = [reference.outcome, compiled.outcome]
  if (reference.calls.join('\n') !== compiled.calls.join('\n')) {
    const i = reference.calls.findIndex((call, k) => call !== compiled.calls[k])
    return `host call ${i < 0 ? reference.calls.length : i}: ${reference.calls[i]} on reference, ${compiled.calls[i < 0 ? reference.calls.length : i]} on compiled`
  }
  if (words(left) !== words(right)) return `${words(left)} on reference, ${words(right)} on compiled`
  if (left.kind === 'trap') return compareTraps(left.trap, (right as Outcome & { kind: 'trap' }).trap)
  if (reference.globals.join() !== compiled.globals.join()) {
    return `globals ${reference.globals} on reference, ${compiled.globals} on compiled`
  }
  if (reference.memory.length !== compiled.memory.length) return 'sizes of memory'
  if (Buffer.compare(reference.memory, compiled.memory) === 0) return null
  return `memory at ${reference.memory.findIndex((byte, i) => byte !== compiled.memory[i])}`
}

/** Which of two reasons came first is not consensus where one of them is that something ran out. */
function compareTraps(reference: Trap, compiled: Trap): string | null {
  const ranOut = ({ code }: Trap): boolean => code === 'out-of-gas' || code === 'stack-exhausted'
  if (ranOut(reference) || ranOut(compiled)) return null
  if (reference.code !== compiled.code) return `trap ${reference.code} on reference, ${compiled.code} on compiled`
  const frames = (trap: Trap): string => JSON.stringify(trap.frames)
  return frames(reference) === frames(compiled)
    ? null
    : `frames ${frames(reference)} on reference, ${frames(compiled)} on compiled`
}

function words(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'return':
      return `returns ${outcome.values.join()} for ${outcome.fuelUsed} fuel`
    case 'exit':
      return `exits ${outcome.status} for ${outcome.fuelUsed} fuel`
    case 'trap':
      return `traps for ${outcome.fuelUsed} fuel`
  }
}
