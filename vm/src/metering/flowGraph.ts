/**
 * The control-flow graph of one function, as far as charging needs it.
 *
 * A node is a stretch of instructions that runs from its first to its last unless something traps. It is split at
 * branches, at joins, at loop headers, and after every call that may reach the host (a *cut*: fuel is observed there).
 * An edge leads to a node or to a *sink*: the end of the function, a tail call, or a cut. Sinks have a fixed potential,
 * what must have been paid when they are reached: 0, or what a callee expects its callers to have paid. Instructions
 * that always trap end a node without an edge, since a trap burns all fuel.
 *
 * Every edge has a place in the code where something can be inserted that runs exactly when the edge is taken, but for
 * the edges of a br_table. All lists are flat and used again for the next function.
 */
import { type FunctionBody, type Module, WORDS } from '../binary/module.ts'
import { INSTRUCTIONS, OP } from '../binary/opcodes.ts'
import type { FunctionFacts } from '../validate/validateFunction.ts'
import { entryCost, instructionCost, perUnitCost } from './charges.ts'
import type { Schedule } from './schedule.ts'

const { block: BLOCK, loop: LOOP, if: IF, 'memory.grow': MEMORY_GROW } = OP

/** An edge's place: before an instruction, at a br_if when it branches, in the missing else of an if (at its end). */
export const BEFORE = 0
export const BRANCH_TAKEN = 1
export const MISSING_ELSE = 2
/** Through a br_table: no place of its own. */
export const TABLE = 3

/** `edgeTo` of an edge to a sink. */
export const SINK = -1

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

export interface Loop {
  readonly header: number
  /** The edge by which it is entered from above. */
  readonly entryEdge: number
  /** Positions of the `loop` and of its `end`. */
  readonly start: number
  readonly end: number
  /** First and last node that belongs to it, as places in `sequence`. */
  readonly first: number
  last: number
}

export class FlowGraph {
  nodes = 0
  edges = 0
  cost = new Float64Array(64)
  /** Fuel the calls in a node may use without a check. */
  unchecked = new Float64Array(64)
  /** Position of a node's first instruction: what is inserted before it runs whenever the node is entered. */
  start = new Int32Array(64)
  /** Stack bytes the calls in a node need checked, above what the function itself weighs. */
  stackNeed = new Float64Array(64)
  /** Stack bytes the tail calls in a node need, counted from what the function was entered with. */
  tailNeed = new Float64Array(64)
  isHeader = new Uint8Array(64)
  /** The node makes a call that may come back to this function. */
  recurses = new Uint8Array(64)
  /** Position of the br_if or if that ends a node; -1 for other nodes. */
  branchAt = new Int32Array(64)
  /** Nodes that a br_table leads to are grouped, all targets of one table together; -1 for other nodes. */
  group = new Int32Array(64)
  /** Place of a node in `sequence`, the order in which the code opens nodes: forward edges lead forward in it. */
  place = new Int32Array(64)
  sequence = new Int32Array(64)
  sequenceLength = 0
  /** Of a header: the last place in `sequence` that belongs to its loop; -1 for other nodes. */
  lastOfLoop = new Int32Array(64)
  firstOut = new Int32Array(64)
  /** There are br_tables. */
  hasGroups = false
  /** A group whose table also leads to a sink. */
  readonly groupLeaves = new Set<number>()
  readonly loops: Loop[] = []

  edgeFrom = new Int32Array(64)
  edgeTo = new Int32Array(64)
  edgeNext = new Int32Array(64)
  edgePlace = new Uint8Array(64)
  edgeAt = new Int32Array(64)
  /** Potential of the sink it leads to. */
  edgeFixed = new Float64Array(64)
  /** 1 for an edge that a br_if or if takes when its condition is not 0. */
  edgeWhenTrue = new Uint8Array(64)
  /** 1 for what follows a cut: it starts with nothing paid. */
  edgeResumes = new Uint8Array(64)
  /** 1 for an edge to an imported function: fuel must not be negative there. */
  edgeToImport = new Uint8Array(64)

  /** Writes of locals in loops that can be reached: position and node of each, in order. */
  writes = 0
  writesAt = new Int32Array(64)
  writesIn = new Int32Array(64)
  /** Some instruction has a cost known only at run time. */
  hasSizedCosts = false
  /** Some call needs stack checked. */
  needsStack = false
  /** Some branch leads to the function's own label. */
  branchesToEnd = false

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
    this.reset()
    const { words, count, labels } = body.code
    this.words = words
    this.current = this.open(this.node(), 0)
    this.cost[0] = entryCost(this.schedule, body)
    this.pushLabel(BLOCK, -1, null)
    const { plain, costOf } = this
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
        if (this.current >= 0) this.cost[this.current]! += cost
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
          else if (this.sized[op] !== 0) this.hasSizedCosts = true
      }
    }
  }

  private instruction(i: number, op: number, a: number, b: number, labels: Uint32Array): void {
    const { module, schedule, callees, current } = this
    const special =
      op === 0x0e /* br_table */ || op === 0x11 /* call_indirect */ || op === 0x13 /* return_call_indirect */
    this.cost[current]! += special ? instructionCost(module, schedule, op, a, b) : this.costOf[op]!
    if (this.sized[op] !== 0) {
      const fixed = fixedSizeCost(this.words, i, this.sized[op]!)
      if (fixed >= 0) this.cost[current]! += fixed
      else this.hasSizedCosts = true
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
        this.branchAt[current] = i
        this.branch(a, BRANCH_TAKEN, i)
        this.edgeWhenTrue[this.edges - 1] = 1
        this.continueAt(i + 1, false)
        return
      case 0x21: // local.set
      case 0x22: // local.tee
        if (this.loopsOpen > 0) this.write(i)
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
        if (callees.recursive(a)) this.recurses[current] = 1
        this.needStack(this.stackNeed, callees.stackNeed(a))
        if (callees.cuts(a)) this.cut(i, callees.paidByCaller(a), a < module.importedFunctions)
        else {
          this.cost[current]! += callees.paidByCaller(a)
          this.unchecked[current]! += callees.unchecked(a)
        }
        return
      case 0x40: // memory.grow
        if (callees.growthCuts) this.cut(i, 0, true)
        return
      case 0x11: // call_indirect
        this.recurses[current] = 1
        if (callees.indirectCuts) this.cut(i, 0, false)
        else this.unchecked[current]! += callees.indirectUnchecked
        return
      case 0x12: // return_call
        if (a < module.importedFunctions) {
          this.cut(i, 0, true)
          // After an imported function comes an ordinary return, which costs nothing.
          this.leave(BEFORE, i + 1, 0)
        } else {
          if (callees.recursive(a)) this.recurses[current] = 1
          this.needStack(this.tailNeed, callees.stackNeed(a))
          this.leave(BEFORE, i, callees.paidByCaller(a))
        }
        this.current = -1
        return
      case 0x13: // return_call_indirect
        this.recurses[current] = 1
        this.leave(BEFORE, i, 0)
        this.current = -1
        return
      default:
        if (INSTRUCTIONS[op]!.feature === 'float') this.current = -1
    }
  }

  private write(i: number): void {
    if (this.writes === this.writesAt.length) {
      this.writesAt = widen(this.writesAt, new Int32Array(this.writes * 2))
      this.writesIn = widen(this.writesIn, new Int32Array(this.writes * 2))
    }
    this.writesAt[this.writes] = i
    this.writesIn[this.writes++] = this.current
  }

  private needStack(list: Float64Array, bytes: number): void {
    if (bytes === 0) return
    this.needsStack = true
    list[this.current] = Math.max(list[this.current]!, bytes)
  }

  /** A branch that validation holds for reachable and that is not, after a block that is never left. */
  private deadBranch(op: number, a: number, b: number, labels: Uint32Array): void {
    const end = this.labels - 1
    if (op !== 0x0e /* br_table */) this.branchesToEnd ||= a === end
    else for (let k = 0; k <= b; k++) this.branchesToEnd ||= labels[a + k] === end
  }

  private reset(): void {
    this.nodes = 0
    this.edges = 0
    this.sequenceLength = 0
    this.labels = 0
    this.loops.length = 0
    this.loopsOpen = 0
    this.writes = 0
    if (this.hasGroups) this.groupLeaves.clear()
    this.hasSizedCosts = false
    this.needsStack = false
    this.hasGroups = false
    this.branchesToEnd = false
  }

  private node(): number {
    if (this.nodes === this.cost.length) this.widenNodes()
    const node = this.nodes++
    this.cost[node] = 0
    this.unchecked[node] = 0
    this.stackNeed[node] = 0
    this.tailNeed[node] = 0
    this.isHeader[node] = 0
    this.recurses[node] = 0
    this.branchAt[node] = -1
    this.group[node] = -1
    this.lastOfLoop[node] = -1
    this.firstOut[node] = -1
    return node
  }

  /** The code of `node` begins at `position`. */
  private open(node: number, position: number): number {
    this.start[node] = position
    this.place[node] = this.sequenceLength
    this.sequence[this.sequenceLength++] = node
    return node
  }

  private edge(to: number, place: number, at: number, fixed: number): number {
    if (this.edges === this.edgeFrom.length) this.widenEdges()
    const edge = this.edges++
    const from = this.current
    this.edgeFrom[edge] = from
    this.edgeTo[edge] = to
    this.edgePlace[edge] = place
    this.edgeAt[edge] = at
    this.edgeFixed[edge] = fixed
    this.edgeWhenTrue[edge] = 0
    this.edgeResumes[edge] = 0
    this.edgeToImport[edge] = 0
    this.edgeNext[edge] = this.firstOut[from]!
    this.firstOut[from] = edge
    return edge
  }

  private leave(place: number, at: number, potential: number): void {
    this.edge(SINK, place, at, potential)
  }

  /** Opens a node at `position` that follows the current one. */
  private continueAt(position: number, resumes: boolean): void {
    const node = this.node()
    const edge = this.edge(node, BEFORE, position, 0)
    if (resumes) this.edgeResumes[edge] = 1
    this.current = this.open(node, position)
  }

  private cut(i: number, potential: number, toImport: boolean): void {
    const edge = this.edge(SINK, BEFORE, i, potential)
    if (toImport) this.edgeToImport[edge] = 1
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
    if (this.current < 0) {
      this.pushLabel(LOOP, -1, null)
      return
    }
    const header = this.node()
    this.isHeader[header] = 1
    const entryEdge = this.edge(header, BEFORE, i, 0)
    this.current = this.open(header, i + 1)
    const loop = { header, entryEdge, start: i, end, first: this.place[header]!, last: -1 }
    this.loops.push(loop)
    this.loopsOpen++
    this.pushLabel(LOOP, -1, loop)
  }

  private openIf(i: number): void {
    const condition = this.current
    if (condition >= 0) {
      this.cost[condition]! += this.costOf[IF]!
      this.branchAt[condition] = i
      this.continueAt(i + 1, false)
      this.edgeWhenTrue[this.edges - 1] = 1
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
    const label = --this.labels
    if (label === 0) {
      if (this.current >= 0) this.leave(BEFORE, i, 0)
      return
    }
    if (this.labelOp[label] === 0x03 /* loop */) {
      const loop = this.labelLoop[label]!
      if (loop === null) return
      loop.last = this.sequenceLength - 1
      this.lastOfLoop[loop.header] = loop.last
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
    if (this.current >= 0) this.edge(join, BEFORE, i, 0)
    this.current = this.open(join, i + 1)
  }

  private branch(depth: number, place: number, i: number): void {
    this.branchToLabel(this.labels - 1 - depth, place, i)
  }

  private branchToLabel(label: number, place: number, i: number): void {
    if (label === 0) {
      this.branchesToEnd = true
      this.leave(place, i, 0)
    } else this.edge(this.labelTarget(label), place, i, 0)
  }

  private labelTarget(label: number): number {
    let target = this.labelNode[label]!
    if (target < 0) {
      target = this.node()
      this.labelNode[label] = target
    }
    return target
  }

  private branchTable(i: number, a: number, b: number, labels: Uint32Array): void {
    this.hasGroups = true
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
      else group = this.joinGroups(group, this.labelTarget(label))
    }
    if (leaves && group >= 0) this.groupLeaves.add(group)
  }

  /** Puts `node` in the group, which is named by one of its nodes; the group's name. */
  private joinGroups(group: number, node: number): number {
    const other = this.group[node]! < 0 ? node : this.groupOf(node)
    if (this.group[node]! < 0) this.group[node] = node
    if (group < 0 || group === other) return other
    this.group[other] = group
    if (this.groupLeaves.has(other)) this.groupLeaves.add(group)
    return group
  }

  groupOf(node: number): number {
    const { group } = this
    if (group[node]! < 0) return -1
    // Shortens the way for the next time: tables that tie many groups together would make it long.
    let at = node
    while (group[at] !== at) {
      const next = group[at]!
      group[at] = group[next]!
      at = next
    }
    return at
  }

  private widenNodes(): void {
    const size = this.cost.length * 2
    this.cost = widen(this.cost, new Float64Array(size))
    this.unchecked = widen(this.unchecked, new Float64Array(size))
    this.stackNeed = widen(this.stackNeed, new Float64Array(size))
    this.tailNeed = widen(this.tailNeed, new Float64Array(size))
    this.start = widen(this.start, new Int32Array(size))
    this.isHeader = widen(this.isHeader, new Uint8Array(size))
    this.recurses = widen(this.recurses, new Uint8Array(size))
    this.branchAt = widen(this.branchAt, new Int32Array(size))
    this.group = widen(this.group, new Int32Array(size))
    this.place = widen(this.place, new Int32Array(size))
    this.sequence = widen(this.sequence, new Int32Array(size))
    this.lastOfLoop = widen(this.lastOfLoop, new Int32Array(size))
    this.firstOut = widen(this.firstOut, new Int32Array(size))
  }

  private widenEdges(): void {
    const size = this.edgeFrom.length * 2
    this.edgeFrom = widen(this.edgeFrom, new Int32Array(size))
    this.edgeTo = widen(this.edgeTo, new Int32Array(size))
    this.edgeNext = widen(this.edgeNext, new Int32Array(size))
    this.edgePlace = widen(this.edgePlace, new Uint8Array(size))
    this.edgeAt = widen(this.edgeAt, new Int32Array(size))
    this.edgeFixed = widen(this.edgeFixed, new Float64Array(size))
    this.edgeWhenTrue = widen(this.edgeWhenTrue, new Uint8Array(size))
    this.edgeResumes = widen(this.edgeResumes, new Uint8Array(size))
    this.edgeToImport = widen(this.edgeToImport, new Uint8Array(size))
  }
}

/** Costs by size above it are charged where the work is done, so that they are checked before. */
const MOST_FIXED_COST = 100_000

/**
 * The cost of a bulk instruction by its size, where that is told by a constant just before it and is small: then it is
 * a cost as any other. -1 where it is not.
 */
export function fixedSizeCost(words: Int32Array, position: number, perUnit: number): number {
  const op = words[position * WORDS]!
  // The cost of growing depends on whether it succeeds.
  if (
    position === 0 ||
    op === 0x40 /* memory.grow */ ||
    op === 0xef /* table.grow */ ||
    words[(position - 1) * WORDS] !== 0x41 /* i32.const */
  )
    return -1
  const cost = (words[(position - 1) * WORDS + 2]! >>> 0) * perUnit
  return cost <= MOST_FIXED_COST ? cost : -1
}

/** Position of the `end` of a block in unreachable code. */
export function deadBlockEnd(words: Int32Array, position: number): number {
  let at = words[position * WORDS + 3]!
  if (words[at * WORDS] === 0x05 /* else */) at = words[at * WORDS + 3]!
  return at
}

function widen<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
