/**
 * Makes the flow graph of a function (flowGraph.ts) from its code, in one pass over the instructions: what each costs,
 * and where control goes on from it. Code that cannot be reached is left out.
 */
import { deadBlockEnd, type FunctionBody, type Module, WORDS } from '../binary/module.ts'
import { INSTRUCTIONS, OP } from '../binary/opcodes.ts'
import type { FunctionFacts } from '../validate/validateFunction.ts'
import { entryCost, fixedSizeCost, instructionCost, perUnitCost } from './charges.ts'
import { BEFORE, BRANCH_TAKEN, FlowGraph, type Loop, MISSING_ELSE, SINK, TABLE } from './flowGraph.ts'
import type { Schedule } from './schedule.ts'

const { block: BLOCK, loop: LOOP, if: IF, 'memory.grow': MEMORY_GROW } = OP

/** The facts of the called functions that the graph needs. */
export interface Callees {
  /** Fuel the callee of a direct call expects its callers to have paid. */
  paidByCaller(functionIndex: number): number
  /** Fuel a direct call may use without a check. */
  unchecked(functionIndex: number): number
  /** Bytes of call stack a direct call needs its caller to have checked for. */
  stackNeed(functionIndex: number): number
  /** A direct call may observe fuel. */
  cuts(functionIndex: number): boolean
  /** A direct call may lead back to the function that makes it. */
  recursive(functionIndex: number): boolean
  /** A call through a table may observe fuel. */
  readonly indirectCuts: boolean
  /** Fuel a call through a table may use without a check. */
  readonly indirectUnchecked: number
  /** An imported function is called before every memory.grow (charges.ts). */
  readonly growthCuts: boolean
}

/** Builds one graph at a time, each in place of the one before. */
export class GraphBuilder {
  readonly graph = new FlowGraph()
  private module!: Module
  private schedule!: Schedule
  private callees!: Callees
  private readonly costOf = new Float64Array(256)
  private readonly sized = new Float64Array(256)
  /** 1 for instructions that do no more than cost something. */
  private readonly plain = new Uint8Array(256)
  private current = -1
  /** Loops open around the current instruction. */
  private loopsOpen = 0
  private words: Int32Array = new Int32Array(0)

  /** Open labels, outermost first; the first is the function's own. */
  private labels = 0
  private readonly labelOp: number[] = []
  private readonly labelNode: number[] = []
  private readonly labelCondition: number[] = []
  private readonly labelLoop: (Loop | null)[] = []

  /** Told before the functions of a module are built. */
  use(module: Module, schedule: Schedule, callees: Callees): void {
    this.module = module
    this.callees = callees
    // Whether it calls is told by the module's imports, all else by the schedule.
    this.plain[MEMORY_GROW] = callees.growthCuts || schedule.data.memoryPage !== 0 ? 0 : 1
    if (this.schedule === schedule) return
    this.schedule = schedule
    for (const info of INSTRUCTIONS) {
      if (info === undefined) continue
      const { op } = info
      this.costOf[op] = schedule.classes[info.cost]
      this.sized[op] = perUnitCost(schedule, op)
      if (op === MEMORY_GROW) continue
      const special =
        op <= 0x13 /* return_call_indirect */ ||
        op === 0x21 /* local.set */ ||
        op === 0x22 /* local.tee */ ||
        info.feature === 'float'
      this.plain[op] = special || this.sized[op] !== 0 ? 0 : 1
    }
  }

  build(body: FunctionBody, { heights, hasDeadCode }: FunctionFacts): void {
    const { graph, plain, costOf } = this
    graph.clear()
    this.labels = 0
    this.loopsOpen = 0
    const { words, count, labels } = body.code
    this.words = words
    this.current = graph.open(graph.addNode(), 0)
    graph.cost[0] = entryCost(this.schedule, body)
    this.pushLabel(BLOCK, -1, null)
    let cost = 0
    for (let i = 0; i < count; i++) {
      const op = words[i * WORDS]!
      if (hasDeadCode && heights[i]! < 0 && op !== 0x05 /* else */ && op !== 0x0b /* end */) {
        if (op >= 0x02 /* block */ && op <= 0x04 /* if */) i = deadBlockEnd(words, i)
        continue
      }
      if (plain[op] === 1) {
        cost += costOf[op]!
        continue
      }
      if (cost !== 0) {
        if (this.current >= 0) graph.cost[this.current]! += cost
        cost = 0
      }
      const a = words[i * WORDS + 2]!
      const b = words[i * WORDS + 3]!
      switch (op) {
        case 0x02: // block
          this.pushLabel(op, -1, null)
          break
        case 0x03: // loop
          this.openLoop(i, b)
          break
        case 0x04: // if
          this.openIf(i)
          break
        case 0x05: // else
          this.otherwise(i)
          break
        case 0x0b: // end
          this.close(i)
          break
        default:
          if (this.current >= 0) this.instruction(i, op, a, b, labels)
          else if (op >= 0x0c /* br */ && op <= 0x0e /* br_table */) this.deadBranch(op, a, b, labels)
          // Never runs, but is written all the same.
          else if (this.sized[op] !== 0) graph.hasSizedCosts = true
      }
    }
  }

  private instruction(i: number, op: number, a: number, b: number, labels: Uint32Array): void {
    const { graph, module, schedule, callees, current } = this
    const special =
      op === 0x0e /* br_table */ || op === 0x11 /* call_indirect */ || op === 0x13 /* return_call_indirect */
    graph.cost[current]! += special ? instructionCost(module, schedule, op, a, b) : this.costOf[op]!
    if (this.sized[op] !== 0) {
      const fixed = fixedSizeCost(this.words, i, this.sized[op]!)
      if (fixed >= 0) graph.cost[current]! += fixed
      else graph.hasSizedCosts = true
    }
    switch (op) {
      case 0x00: // unreachable
        this.current = -1
        return
      case 0x0c: // br
        this.branch(a, BEFORE, i)
        this.current = -1
        return
      case 0x0d: // br_if
        graph.branchAt[current] = i
        this.branch(a, BRANCH_TAKEN, i)
        graph.edgeWhenTrue[graph.edges - 1] = 1
        this.continueAt(i + 1, false)
        return
      case 0x21: // local.set
      case 0x22: // local.tee
        if (this.loopsOpen > 0) graph.addWrite(i, this.current)
        return
      case 0x0e: // br_table
        this.branchTable(i, a, b, labels)
        this.current = -1
        return
      case 0x0f: // return
        this.leave(BEFORE, i, 0)
        this.current = -1
        return
      case 0x10: // call
        if (callees.recursive(a)) graph.recurses[current] = 1
        this.needStack(graph.stackNeed, callees.stackNeed(a))
        if (callees.cuts(a)) this.cut(i, callees.paidByCaller(a), a < module.importedFunctions)
        else {
          graph.cost[current]! += callees.paidByCaller(a)
          graph.unchecked[current]! += callees.unchecked(a)
        }
        return
      case 0x40: // memory.grow
        if (callees.growthCuts) this.cut(i, 0, true)
        return
      case 0x11: // call_indirect
        graph.recurses[current] = 1
        if (callees.indirectCuts) this.cut(i, 0, false)
        else graph.unchecked[current]! += callees.indirectUnchecked
        return
      case 0x12: // return_call
        if (a < module.importedFunctions) {
          this.cut(i, 0, true)
          // After an imported function comes an ordinary return, which costs nothing.
          this.leave(BEFORE, i + 1, 0)
        } else {
          if (callees.recursive(a)) graph.recurses[current] = 1
          this.needStack(graph.tailNeed, callees.stackNeed(a))
          this.leave(BEFORE, i, callees.paidByCaller(a))
        }
        this.current = -1
        return
      case 0x13: // return_call_indirect
        graph.recurses[current] = 1
        this.leave(BEFORE, i, 0)
        this.current = -1
        return
      default:
        if (INSTRUCTIONS[op]!.feature === 'float') this.current = -1
    }
  }

  private needStack(list: Float64Array, bytes: number): void {
    if (bytes === 0) return
    this.graph.needsStack = true
    list[this.current] = Math.max(list[this.current]!, bytes)
  }

  /** A branch that validation holds for reachable and that is not, after a block that is never left. */
  private deadBranch(op: number, a: number, b: number, labels: Uint32Array): void {
    const { graph } = this
    const end = this.labels - 1
    if (op !== 0x0e /* br_table */) graph.branchesToEnd ||= a === end
    else for (let k = 0; k <= b; k++) graph.branchesToEnd ||= labels[a + k] === end
  }

  private leave(place: number, at: number, potential: number): void {
    this.graph.addEdge(this.current, SINK, place, at, potential)
  }

  /** Opens a node at `position` that follows the current one. */
  private continueAt(position: number, resumes: boolean): void {
    const { graph } = this
    const node = graph.addNode()
    const edge = graph.addEdge(this.current, node, BEFORE, position, 0)
    if (resumes) graph.edgeResumes[edge] = 1
    this.current = graph.open(node, position)
  }

  private cut(i: number, potential: number, toImport: boolean): void {
    const { graph } = this
    const edge = graph.addEdge(this.current, SINK, BEFORE, i, potential)
    if (toImport) graph.edgeToImport[edge] = 1
    this.continueAt(i + 1, true)
  }

  private pushLabel(op: number, condition: number, loop: Loop | null): void {
    this.labelOp[this.labels] = op
    this.labelNode[this.labels] = loop === null ? -1 : loop.header
    this.labelCondition[this.labels] = condition
    this.labelLoop[this.labels] = loop
    this.labels++
  }

  private openLoop(i: number, end: number): void {
    const { graph } = this
    if (this.current < 0) {
      this.pushLabel(LOOP, -1, null)
      return
    }
    const header = graph.addNode()
    graph.isHeader[header] = 1
    const entryEdge = graph.addEdge(this.current, header, BEFORE, i, 0)
    this.current = graph.open(header, i + 1)
    const loop = { header, entryEdge, start: i, end, first: graph.place[header]!, last: -1 }
    graph.loops.push(loop)
    this.loopsOpen++
    this.pushLabel(LOOP, -1, loop)
  }

  private openIf(i: number): void {
    const { graph } = this
    const condition = this.current
    if (condition >= 0) {
      graph.cost[condition]! += this.costOf[IF]!
      graph.branchAt[condition] = i
      this.continueAt(i + 1, false)
      graph.edgeWhenTrue[graph.edges - 1] = 1
    }
    this.pushLabel(IF, condition, null)
  }

  private otherwise(i: number): void {
    const label = this.labels - 1
    if (this.current >= 0) this.branchToLabel(label, BEFORE, i)
    this.current = this.labelCondition[label]!
    this.labelCondition[label] = -1
    if (this.current >= 0) this.continueAt(i + 1, false)
  }

  private close(i: number): void {
    const { graph } = this
    const label = --this.labels
    if (label === 0) {
      if (this.current >= 0) this.leave(BEFORE, i, 0)
      return
    }
    if (this.labelOp[label] === 0x03 /* loop */) {
      const loop = this.labelLoop[label]!
      if (loop === null) return
      loop.last = graph.sequenceLength - 1
      graph.lastOfLoop[loop.header] = loop.last
      this.loopsOpen--
      return
    }
    const condition = this.labelCondition[label]!
    if (condition >= 0) {
      const after = this.current
      this.current = condition
      this.branchToLabel(label, MISSING_ELSE, i)
      this.current = after
    }
    const join = this.labelNode[label]!
    if (join < 0) return
    if (this.current >= 0) graph.addEdge(this.current, join, BEFORE, i, 0)
    this.current = graph.open(join, i + 1)
  }

  private branch(depth: number, place: number, i: number): void {
    this.branchToLabel(this.labels - 1 - depth, place, i)
  }

  private branchToLabel(label: number, place: number, i: number): void {
    const { graph } = this
    if (label === 0) {
      graph.branchesToEnd = true
      this.leave(place, i, 0)
    } else graph.addEdge(this.current, this.labelTarget(label), place, i, 0)
  }

  private labelTarget(label: number): number {
    let target = this.labelNode[label]!
    if (target < 0) {
      target = this.graph.addNode()
      this.labelNode[label] = target
    }
    return target
  }

  private branchTable(i: number, a: number, b: number, labels: Uint32Array): void {
    const { graph } = this
    graph.hasGroups = true
    const seen = new Set<number>()
    let group = -1
    let leaves = false
    for (let k = 0; k <= b; k++) {
      const depth = labels[a + k]!
      if (seen.has(depth)) continue
      seen.add(depth)
      this.branch(depth, TABLE, i)
      const label = this.labels - 1 - depth
      if (label === 0) leaves = true
      else group = graph.joinGroups(group, this.labelTarget(label))
    }
    if (leaves && group >= 0) graph.groupLeaves.add(group)
  }
}
