/**
 * The compiled engine's rewriting of a module: each function as it was, its flow graph with the fuel that is paid along
 * it, and the code that the host's WebAssembly runs. The words are explained in docs/protocol/metering.md.
 */
import { decode } from '../binary/decode.ts'
import { functionNames } from '../binary/names.ts'
import { summarize } from '../binary/summarize.ts'
import { decodeAndValidate } from '../compile.ts'
import { rewriteModule } from '../engine/compiled/rewriteModule.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { BEFORE, BRANCH_TAKEN, type FlowGraph, MISSING_ELSE, SINK } from '../metering/flowGraph.ts'
import type { Placer } from '../metering/placer.ts'
import { resolveSchedule } from '../metering/schedule.ts'
import { claimModule } from './claim.ts'
import { codeText, headText } from './codeText.ts'
import { limitsOf } from './limitsUsed.ts'

/** Functions told of, unless a caller asks for fewer. */
export const MAX_REWRITTEN_FUNCTIONS = 10_000
/** Instructions shown of one function, and nodes of its graph. */
export const MAX_REWRITTEN_LINES = 20_000

/** An edge of a flow graph: what is paid where it is taken. Amounts are fuel. */
export interface EdgeReport {
  /** The node it leads to; null for a sink: the function's end, a tail call, or a call that may observe fuel. */
  readonly to: number | null
  /** `before` an instruction, at a `branch` when it is taken, in the `else` that an if has not, or through a `table`. */
  readonly place: 'before' | 'branch' | 'else' | 'table'
  /** Number of that instruction. */
  readonly at: number
  readonly charge: number
  /** The counter is compared with 0 there. */
  readonly checked: boolean
}

export interface NodeReport {
  /** Number of the node's first instruction. */
  readonly start: number
  /** Fuel its instructions cost. */
  readonly cost: number
  /** Fuel that has been paid ahead when it is entered; null where every way from it traps. */
  readonly paidAhead: number | null
  readonly edges: readonly EdgeReport[]
}

export interface RewrittenFunction {
  /** In the original module; of an entry function, of the function it calls. */
  readonly index: number
  readonly name: string | null
  readonly original: { readonly head: string; readonly code: readonly string[] }
  /** Fuel its callers have paid, and what it pays on entry beyond that. */
  readonly paidByCaller: number
  readonly entryCharge: number
  readonly entryChecked: boolean
  /** Stack bytes it compares with what is left on entry; 0 for no check. */
  readonly entryStack: number
  readonly nodes: readonly NodeReport[]
  /** Loops charged for all their turns before they are entered: number of the `loop`, and the fuel of a turn. */
  readonly countedLoops: readonly { readonly at: number; readonly turnCost: number }[]
  readonly rewritten: { readonly head: string; readonly code: readonly string[] }
}

export interface AddedFunction {
  /** In the rewritten module. */
  readonly index: number
  /** The original function that it enters; null for other helpers. */
  readonly enters: number | null
  readonly head: string
  readonly code: readonly string[]
}

export interface RewrittenReport {
  readonly schedule: string
  readonly originalBytes: number
  readonly rewrittenBytes: number
  readonly functions: readonly RewrittenFunction[]
  /** Functions that the rewritten module has on top: entries for the host, stand-ins in tables, the reset of globals. */
  readonly added: readonly AddedFunction[]
  readonly functionsLeftOut: number
}

export interface InspectRewrittenOptions {
  /** Name of the instruction schedule; default `touchstone/1`. */
  readonly schedule?: string
  /** How many functions to tell of; default {@link MAX_REWRITTEN_FUNCTIONS}, which is also the most. */
  readonly functions?: number
}

/**
 * @throws ValidationError for a module that does not decode or validate under the limits and the float policy of the
 * ABI that claims it; RangeError for an unknown schedule.
 *
 * @example
 * ```ts
 * import { inspectRewritten } from '@touchstone/vm'
 * import { watToWasm } from '@touchstone/vm/testing/wat'
 *
 * const { functions } = inspectRewritten(watToWasm('(module (func (export "f") (loop $again (br $again))))'))
 * functions.length // => 1
 * functions[0]?.rewritten.code.some((line) => line.includes('loop')) // => true
 * ```
 */
export function inspectRewritten(bytes: Uint8Array, options: InspectRewrittenOptions = {}): RewrittenReport {
  const scheduleName = options.schedule ?? 'touchstone/1'
  const schedule = resolveSchedule(scheduleName)
  const most = Math.min(options.functions ?? MAX_REWRITTEN_FUNCTIONS, MAX_REWRITTEN_FUNCTIONS)
  const { abi } = claimModule(summarize(decode(bytes, { floats: 'trap', limits: DEFAULT_LIMITS })), true, scheduleName)
  const limits = limitsOf(abi)
  const validated = decodeAndValidate(bytes, abi?.floats ?? 'reject', limits)
  const { module } = validated
  const names = functionNames(module)
  const placed: Omit<RewrittenFunction, 'rewritten'>[] = []
  const after = rewriteModule(validated, schedule, limits, (f, graph, placer, paidByCaller) => {
    if (f >= most) return
    const index = module.importedFunctions + f
    const body = module.bodies[f]!
    const { placement } = placer
    placed[f] = {
      index,
      name: names(index),
      original: { head: headText(module, index, body.locals), code: codeText(body, MAX_REWRITTEN_LINES) },
      paidByCaller,
      entryCharge: placement.entryCharge,
      entryChecked: placement.entryCheck,
      entryStack: placement.entryStack,
      nodes: nodeReports(graph, placer),
      countedLoops: [...placement.counted.values()].map(({ loop, cost }) => ({ at: loop.start, turnCost: cost })),
    }
  })
  const { bytes: rewrittenBytes, entered } = after
  const rewritten = decode(rewrittenBytes, { floats: 'trap', limits: NO_LIMITS })
  const shown = (f: number): { head: string; code: string[] } => {
    const body = rewritten.bodies[f]!
    const head = headText(rewritten, rewritten.importedFunctions + f, body.locals)
    return { head, code: codeText(body, MAX_REWRITTEN_LINES) }
  }
  const defined = module.bodies.length
  return {
    schedule: schedule.name,
    originalBytes: bytes.length,
    rewrittenBytes: rewrittenBytes.length,
    functions: placed.map((entry, f) => ({ ...entry, rewritten: shown(f) })),
    added: entered.slice(0, most).map((index, i) => ({
      index: module.functionTypes.length + i,
      enters: index < 0 ? null : index,
      ...shown(defined + i),
    })),
    functionsLeftOut: Math.max(0, defined - most),
  }
}

/** The rewriter's own module, which is larger than the one it was made of, and was bounded by that one's limits. */
const NO_LIMITS: Limits = { ...DEFAULT_LIMITS, ...unlimited() }

function unlimited(): Partial<Limits> {
  return Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, 0xffffffff]))
}

/** In the order of their code. */
function nodeReports(graph: FlowGraph, placer: Placer): NodeReport[] {
  const nodes: NodeReport[] = []
  for (let k = 0; k < Math.min(graph.sequenceLength, MAX_REWRITTEN_LINES); k++) {
    const node = graph.sequence[k]!
    const edges: EdgeReport[] = []
    for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
      const to = graph.edgeTo[edge]!
      edges.push({
        to: to === SINK ? null : graph.place[to]!,
        place: placeName(graph.edgePlace[edge]!),
        at: graph.edgeAt[edge]!,
        charge: placer.chargeOf(edge),
        checked: placer.isChecked(edge),
      })
    }
    const potential = placer.potentials.potential[node]!
    nodes.push({
      start: graph.start[node]!,
      cost: graph.cost[node]!,
      paidAhead: potential === Infinity ? null : potential,
      edges: edges.reverse(),
    })
  }
  return nodes
}

function placeName(place: number): EdgeReport['place'] {
  if (place === BEFORE) return 'before'
  if (place === BRANCH_TAKEN) return 'branch'
  return place === MISSING_ELSE ? 'else' : 'table'
}
