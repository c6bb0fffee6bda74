/**
 * Decides, callees first, how every function of a module is charged and what it carries, and hands each to the
 * rewriter at once, so that only one graph is in memory.
 */
import type { InstructionList } from '../../binary/module.ts'
import type { Limits } from '../../limits.ts'
import type { CallGraph } from '../../metering/callGraph.ts'
import type { FlowGraph } from '../../metering/flowGraph.ts'
import { type Callees, GraphBuilder } from '../../metering/graphBuilder.ts'
import { Placer, UNCHECKED_FUEL } from '../../metering/placer.ts'
import { Potentials } from '../../metering/potentials.ts'
import type { Reach } from '../../metering/reach.ts'
import type { Schedule } from '../../metering/schedule.ts'
import type { StackRule } from '../../metering/stackHeight.ts'
import type { ValidatedModule } from '../../validate/validateModule.ts'
import type { BodyRewriter } from './rewriteBody.ts'
import type { RewrittenBody } from './rewriteContext.ts'

/** Rounds of computing what a call costs at least, for functions that call each other in a cycle. */
const CYCLE_ROUNDS = 2

/** The greatest stack budget: counters are 32-bit numbers. */
export const MAX_STACK = 2 ** 30

export interface Facts {
  readonly validated: ValidatedModule
  readonly schedule: Schedule
  readonly limits: Limits
  readonly graph: CallGraph
  readonly reach: Reach
  readonly stack: StackRule
  /** Index of the imported function that is called before memory.grow, or -1. */
  readonly growthImport: number
}

/** Told of each function before it is rewritten; its argument holds only until it returns. */
export type PlacementWatcher = (f: number, graph: FlowGraph, placer: Placer, paidByCaller: number) => void

interface Passes {
  readonly builder: GraphBuilder
  readonly flow: FlowGraph
  readonly potentials: Potentials
  readonly placer: Placer
}

function newPasses(): Passes {
  const builder = new GraphBuilder()
  const flow = builder.graph
  const potentials = new Potentials(flow)
  return { builder, flow, potentials, placer: new Placer(flow, potentials) }
}

/**
 * Used again for every module; one is rewritten at a time. Null while one is: a fault of the host that cuts it short,
 * such as no memory for a list, leaves lists of unequal length behind, with which the next module would be charged
 * otherwise.
 */
let idlePasses: Passes | null = null

/** The facts of every function; the lists count from the first one defined in the module. */
export class Plan {
  readonly carriesFuel: Uint8Array
  readonly carriesStack: Uint8Array
  /** Fuel that callers pay before they call. */
  readonly paidByCaller: Float64Array
  /** Stack bytes of the function and its plain callees, never above what makes every call fail. */
  readonly stackCharge: Int32Array
  /** The same for counted functions, 0 for plain ones. */
  readonly ownStack: Int32Array
  readonly #facts: Facts
  readonly #passes: Passes
  readonly #unchecked: Float64Array
  readonly #mostStack: number

  constructor(facts: Facts) {
    const { validated, schedule, limits, graph, reach, stack } = facts
    const { module, addressTaken } = validated
    const { importedFunctions: imported } = module
    const count = module.bodies.length
    this.#facts = facts
    this.#mostStack = Math.min(limits.stackBytes, MAX_STACK) + 1
    this.carriesFuel = new Uint8Array(count)
    this.carriesStack = new Uint8Array(count)
    this.paidByCaller = new Float64Array(count)
    this.#unchecked = new Float64Array(count)
    this.stackCharge = new Int32Array(count)
    this.ownStack = new Int32Array(count)
    for (let f = 0; f < count; f++) {
      this.stackCharge[f] = Math.min(stack.charge[f]!, this.#mostStack)
      if (stack.counted[f] === 1) this.ownStack[f] = this.stackCharge[f]!
      const always = addressTaken[imported + f]! | graph.tailTarget[f]! | graph.tailCalls[f]! | graph.indirectCalls[f]!
      this.carriesFuel[f] = always | reach.recursive[f]! | reach.host[f]!
      const called = graph.callees[f]!
      // Callees ascend, and imported functions come first.
      const callsOut = called.length > 0 && called[0]! < imported ? 1 : 0
      this.carriesStack[f] = always | callsOut | stack.counted[f]!
    }
    for (const f of graph.calleesFirst) {
      for (const callee of graph.callees[f]!) {
        if (callee >= imported && this.carriesStack[callee - imported] === 1) this.carriesStack[f] = 1
      }
    }
    const callees: Callees = {
      paidByCaller: (index) => (index < imported ? 0 : this.paidByCaller[index - imported]!),
      unchecked: (index) => this.#unchecked[index - imported]!,
      stackNeed: (index) => (index < imported || addressTaken[index] === 1 ? 0 : this.ownStack[index - imported]!),
      cuts: (index) => index < imported || reach.host[index - imported] === 1,
      recursive: (index) => index >= imported && reach.recursive[index - imported] === 1,
      indirectCuts: reach.indirectHost,
      // Eight calls through tables on one way mean a check, and so do 2 000 instructions inside them.
      indirectUnchecked: UNCHECKED_FUEL / 8,
      growthCuts: facts.growthImport >= 0,
    }
    this.#passes = idlePasses ?? newPasses()
    idlePasses = null
    this.#passes.builder.use(module, schedule, callees)
  }

  /** Rewrites all bodies; once. */
  rewrite(rewriter: BodyRewriter, watcher: PlacementWatcher | null): RewrittenBody[] {
    const { calleesFirst, inCycle } = this.#facts.graph
    const bodies = new Array<RewrittenBody>(calleesFirst.length)
    for (let k = 0; k < calleesFirst.length; k++) {
      const f = calleesFirst[k]!
      if (inCycle[f] === 1 && (k === 0 || inCycle[calleesFirst[k - 1]!] === 0)) this.#estimateCycles(k)
      bodies[f] = this.#rewriteFunction(f, rewriter, watcher)
    }
    idlePasses = this.#passes
    return bodies
  }

  /**
   * The part of their cost that callers pay of functions in cycles, for those from place `k` on. The figures start at 0
   * and only rise, and each is computed from lower ones, so they never are more than a call really costs.
   */
  #estimateCycles(k: number): void {
    const { calleesFirst, inCycle } = this.#facts.graph
    let end = k
    while (end < calleesFirst.length && inCycle[calleesFirst[end]!] === 1) end++
    for (let round = 0; round < CYCLE_ROUNDS; round++) {
      for (let i = k; i < end; i++) {
        const f = calleesFirst[i]!
        if (!this.#callersPay(f)) continue
        this.#build(f)
        this.paidByCaller[f] = this.#passes.potentials.solve(this.#codeOf(f))
      }
    }
  }

  /** Calls through tables pay nothing ahead, so neither do other calls of what may be in one. */
  #callersPay(f: number): boolean {
    const { validated } = this.#facts
    return validated.addressTaken[validated.module.importedFunctions + f] === 0
  }

  #codeOf(f: number): InstructionList {
    return this.#facts.validated.module.bodies[f]!.code
  }

  #build(f: number): void {
    const { module, functions } = this.#facts.validated
    this.#passes.builder.build(module.bodies[f]!, functions[f]!)
  }

  #rewriteFunction(f: number, rewriter: BodyRewriter, watcher: PlacementWatcher | null): RewrittenBody {
    const { validated, graph, reach } = this.#facts
    const { module, functions, addressTaken } = validated
    const { flow, potentials, placer } = this.#passes
    const imported = module.importedFunctions
    this.#build(f)
    const least = potentials.solve(this.#codeOf(f))
    if (graph.inCycle[f] === 0 && this.#callersPay(f)) this.paidByCaller[f] = least
    const placement = placer.place(
      {
        count: module.bodies[f]!.code.count,
        recursive: reach.recursive[f] === 1,
        ownStack: this.ownStack[f]!,
        checkedByCaller: addressTaken[imported + f] === 1 ? 0 : this.ownStack[f]!,
        mostStack: this.#mostStack,
      },
      this.paidByCaller[f]!,
    )
    watcher?.(f, flow, placer, this.paidByCaller[f]!)
    this.#unchecked[f] = placement.unchecked
    if (placement.active || flow.hasSizedCosts) this.carriesFuel[f] = 1
    else for (const callee of graph.callees[f]!) if (this.carriesFuel[callee - imported] === 1) this.carriesFuel[f] = 1
    return rewriter.rewrite(f, functions[f]!, placement, flow.branchesToEnd)
  }
}
