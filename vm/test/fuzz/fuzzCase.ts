/** One case of the differential fuzz, all from its seed: a module, how it is compiled, and what it is called with. */
import { INSTRUCTIONS } from '../../src/binary/opcodes.ts'
import { type CompileOptions, type UniformSchedule, ValidationError } from '../../src/index.ts'
import { type Random, seeded } from '../random.ts'
import { watToWasm } from '../wat.ts'
import { difference, type Plan } from './compareEngines.ts'
import { generateModule, type Int, type Tree, text } from './generateModule.ts'
import { shrink } from './shrink.ts'

export interface Finding {
  readonly seed: number
  readonly problem: string
  /** Text of the smallest module that shows a difference. */
  readonly module: string
  readonly plan: Plan
}

/** Null when the engines agree on the module of this seed. */
export function fuzzCase(seed: number, shrinking = true): Finding | null {
  const random = seeded(seed)
  const tree = generateModule(random)
  const plan = planFor(tree, random)
  const problem = check(tree, plan, seed)
  if (problem === null) return null
  const smallest = shrinking ? shrink(tree, (candidate) => quietly(candidate, plan, seed)) : tree
  return { seed, problem: check(smallest, plan, seed) ?? problem, module: text(smallest), plan }
}

function check(tree: Tree, plan: Plan, seed: number): string | null {
  return difference(watToWasm(text(tree)), plan, seeded(seed))
}

/** Whether a changed module still shows a difference; one that is no longer valid does not. */
function quietly(tree: Tree, plan: Plan, seed: number): boolean {
  let bytes: Uint8Array
  try {
    bytes = watToWasm(text(tree))
  } catch {
    return false
  }
  try {
    return difference(bytes, plan, seeded(seed)) !== null
  } catch (error) {
    if (error instanceof ValidationError || error instanceof TypeError) return false
    throw error
  }
}

function planFor(tree: Tree, random: Random): Plan {
  const options: CompileOptions = {
    schedule: schedule(random),
    limits: { stackBytes: random.below(3) ? 20_000 : 200 + random.below(1500), memoryPages: 2 },
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
