/**
 * One case of the differential fuzz, all from its seed: a module, how it is compiled, and what it is called with. Every
 * fourth module is a generated one with instructions changed, which mostly makes it invalid.
 */
import { decode } from '../../src/binary/decode.ts'
import { INSTRUCTIONS } from '../../src/binary/opcodes.ts'
import { type CompileOptions, compile, ENGINE_NAMES, type UniformSchedule, ValidationError } from '../../src/index.ts'
import { DEFAULT_LIMITS } from '../../src/limits.ts'
import { type Random, seededRandom } from '../../testing/random.ts'
import { watToWasm } from '../../testing/wat.ts'
import { judge } from '../mutate/judge.ts'
import { mutateCode } from '../mutate/mutateCode.ts'
import { difference, type Plan, type Tally } from './compareEngines.ts'
import { generateModule, type Int, type Tree, text } from './generateModule.ts'
import { shrink } from './shrink.ts'
import { shrinkBinary } from './shrinkBinary.ts'

export interface Finding {
  readonly seed: number
  readonly problem: string
  /** The smallest module that shows a difference: its text, or its bytes where it was mutated. */
  readonly module: string | Uint8Array
  readonly plan: Plan
}

export interface CaseTally extends Tally {
  generated: number
  mutated: number
  /** Mutated modules that are refused. */
  refused: number
}

/** Null when the engines agree on the module of this seed. */
export function fuzzCase(seed: number, tally?: CaseTally, shrinking = true): Finding | null {
  const random = seededRandom(seed)
  const tree = generateModule(random)
  const plan = planFor(tree, random)
  return seed % 4 === 3
    ? mutatedCase(tree, plan, seed, tally, shrinking)
    : generated(tree, plan, seed, tally, shrinking)
}

function generated(
  tree: Tree,
  plan: Plan,
  seed: number,
  tally: CaseTally | undefined,
  shrinking: boolean,
): Finding | null {
  if (tally) tally.generated++
  const check = (candidate: Tree, counting?: Tally): string | null =>
    difference(watToWasm(text(candidate)), plan, seededRandom(seed), counting)
  const problem = check(tree, tally)
  if (problem === null) return null
  const smallest = shrinking ? shrink(tree, (candidate) => quietly(() => check(candidate))) : tree
  return { seed, problem: check(smallest) ?? problem, module: text(smallest), plan }
}

function mutatedCase(
  tree: Tree,
  from: Plan,
  seed: number,
  tally: CaseTally | undefined,
  shrinking: boolean,
): Finding | null {
  if (tally) tally.mutated++
  const random = seededRandom(~seed)
  const bytes = watToWasm(text(tree))
  const decoded = decode(bytes, { floats: 'reject', limits: DEFAULT_LIMITS })
  const original = { name: `seed ${seed}`, bytes, decoded }
  const mutant = mutateCode(original, original, random)
  const floats = random.below(2) ? 'trap' : 'reject'
  const plan = { ...from, options: { ...from.options, floats } } as const
  const check = (candidate: Uint8Array, counting?: CaseTally): string | null =>
    mutantProblem(candidate, plan, seed, counting)
  const problem = check(mutant, tally)
  if (problem === null) return null
  const smallest = shrinking ? shrinkBinary(mutant, (candidate) => quietly(() => check(candidate))) : mutant
  return { seed, problem: check(smallest) ?? problem, module: smallest, plan }
}

/** Engines and V8 must refuse the same modules, and run the others alike. */
export function mutantProblem(bytes: Uint8Array, plan: Plan, seed: number, tally?: CaseTally): string | null {
  const verdict = judge(bytes, plan.options.floats ?? 'reject')
  if (verdict.kind === 'disagreement') return verdict.problem
  if (verdict.kind === 'accepted') return difference(bytes, plan, seededRandom(seed), tally)
  if (tally) tally.refused++
  const codes = ENGINE_NAMES.map((engine) => refusal(bytes, { ...plan.options, engine }))
  return codes.every((code) => code === codes[0]) ? null : `${codes} on ${ENGINE_NAMES}`
}

function refusal(bytes: Uint8Array, options: CompileOptions): string {
  try {
    compile(bytes, options)
    return 'accepted'
  } catch (error) {
    if (error instanceof ValidationError) return error.code
    throw error
  }
}

/** Whether a changed module still shows a difference; one that is no longer valid does not. */
function quietly(check: () => string | null): boolean {
  try {
    return check() !== null
  } catch {
    return false
  }
}

function planFor(tree: Tree, random: Random): Plan {
  const options: CompileOptions = {
    schedule: schedule(random),
    limits: { stackBytes: random.below(3) ? 100_000 : 400 + random.below(8_000), memoryPages: 2, tableElements: 12 },
  }
  const numbers = [0, 1, 2, 3, 5, 10, 100, -1, -3, 0x7fffffff, -0x80000000, random.below(1000)]
  const args = parametersOfRun(tree).map((type) =>
    type === 'i32' ? random.pick(numbers) : BigInt(random.pick(numbers)),
  )
  const fuel = options.schedule === 'touchstone/1' ? 9_000_000n : 20_000n
  return { options, args, fuel }
}

function schedule(random: Random): NonNullable<CompileOptions['schedule']> {
  switch (random.below(4)) {
    case 0:
      return 'touchstone/1'
    case 1:
      return { instruction: 1 }
    default: {
      const classes: Partial<Record<string, number>> = {}
      for (const info of INSTRUCTIONS) if (info !== undefined) classes[info.cost] = random.below(6)
      // Every turn of a loop costs something, or nothing would end it.
      Object.assign(classes, {
        branch: 1 + random.below(5),
        branchTable: 1 + random.below(5),
        call: 1,
        callIndirect: 2,
      })
      const data = {
        local: random.below(3),
        memoryByte: random.below(2),
        memoryPage: random.below(50),
        tableElement: random.below(5),
        branchTableTarget: random.below(2),
        indirectParameter: random.below(3),
      }
      return { instruction: 1, classes: classes as NonNullable<UniformSchedule['classes']>, data }
    }
  }
}

function parametersOfRun(tree: Tree): Int[] {
  const run = (tree as Tree[]).find((part) => Array.isArray(part) && part[0] === 'func' && part[1] === '$f0') as Tree[]
  return run.filter((part): part is Tree[] => Array.isArray(part) && part[0] === 'param').map((part) => part[1] as Int)
}
