/**
 * Finds loops whose number of turns is known when they are entered, so that the least cost of all turns can be charged
 * at once before the first.
 *
 * Such a loop branches back at one place and is left at one place (ways that always trap do not count), makes no call
 * that observes fuel, and tests on every turn a 32-bit local, its counter, against a bound:
 *
 *   - the counter is written once in the loop, as `counter := counter + step`, once on every turn;
 *   - step and bound are constants, or locals that the loop does not write;
 *   - test and write stand in no inner loop, and no way around the loop avoids them.
 *
 * With x the tested value on the first turn and s the step, turn k tests x + k s (modulo 2^32), and the loop branches
 * back once for every test before the first that leaves. That number is computed from x, s and the bound, see
 * {@link CountedLoop}. A loop that would never be left can only run out of fuel or trap, and both burn everything: the
 * charge may say so at once.
 *
 * Only the nodes that lead back to the header (`inside`) run between two tests; the other nodes in the text of the
 * loop runs after it is left.
 */
import { type InstructionList, WORDS } from '../binary/module.ts'
import { OP } from '../binary/opcodes.ts'
import { countTurns } from './countTurns.ts'
import { BEFORE, BRANCH_TAKEN, type FlowGraph, type Loop, SINK } from './flowGraph.ts'

const {
  nop: NOP,
  block: BLOCK,
  return: RETURN,
  'local.get': LOCAL_GET,
  'local.set': LOCAL_SET,
  'local.tee': LOCAL_TEE,
  'i32.const': I32_CONST,
  'i32.eqz': I32_EQZ,
  'i32.eq': I32_EQ,
  'i32.ne': I32_NE,
  'i32.lt_s': I32_LT_S,
  'i32.lt_u': I32_LT_U,
  'i32.gt_s': I32_GT_S,
  'i32.gt_u': I32_GT_U,
  'i32.le_s': I32_LE_S,
  'i32.le_u': I32_LE_U,
  'i32.ge_s': I32_GE_S,
  'i32.ge_u': I32_GE_U,
  'i32.add': I32_ADD,
  'i32.sub': I32_SUB,
} = OP

/** A constant, or a local. */
export type Amount =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'local'; readonly index: number }

/** How the loop goes on while it does; signed and unsigned comparisons by their opcodes, `x op bound`. */
export interface CountedLoop {
  readonly loop: Loop
  readonly backEdge: number
  /** Where it is left. */
  readonly exitEdge: number
  /** Local that counts. */
  readonly counter: number
  /** Steps that are not constants come with `lt` and `le` only, and count as unsigned. */
  readonly step: Amount
  /** The test sees the counter after the step of its turn. */
  readonly stepFirst: boolean
  /** Opcode of i32.ne, lt, gt, le or ge under which it goes on. */
  readonly goesOn: number
  readonly bound: Amount
  /** Times it branches back, where that is known now. */
  readonly turns: number | null
  /** Least cost of a turn; set by placement. */
  cost: number
}

/**
 * Nodes and writes of locals that are looked at in one function, all loops together: those of inner loops are looked at
 * again for each loop around them. So many for each node and write of the function, as often as loops stand in each other
 * in real source and more, so that a nest of 256 takes no longer for its length than other code. The loop that begins last
 * comes first; one that is longer than what is left is charged turn by turn, for the same fuel.
 */
export const LOOKS_EACH = 16
export const FREE_LOOKS = 1_000
export const MAX_LOOKS = 100_000

const NEGATED: ReadonlyMap<number, number> = new Map([
  [I32_EQ, I32_NE],
  [I32_NE, I32_EQ],
  [I32_LT_S, I32_GE_S],
  [I32_LT_U, I32_GE_U],
  [I32_GT_S, I32_LE_S],
  [I32_GT_U, I32_LE_U],
  [I32_LE_S, I32_GT_S],
  [I32_LE_U, I32_GT_U],
  [I32_GE_S, I32_LT_S],
  [I32_GE_U, I32_LT_U],
])
/** `a op b` is `b SWAPPED(op) a`. */
const SWAPPED: ReadonlyMap<number, number> = new Map([
  [I32_EQ, I32_EQ],
  [I32_NE, I32_NE],
  [I32_LT_S, I32_GT_S],
  [I32_LT_U, I32_GT_U],
  [I32_GT_S, I32_LT_S],
  [I32_GT_U, I32_LT_U],
  [I32_LE_S, I32_GE_S],
  [I32_LE_U, I32_GE_U],
  [I32_GE_S, I32_LE_S],
  [I32_GE_U, I32_LE_U],
])
const GOES_UP: ReadonlySet<number> = new Set([I32_LT_S, I32_LT_U, I32_LE_S, I32_LE_U])

interface Operand {
  readonly kind: 'constant' | 'local' | 'written'
  /** The constant, or the local. */
  readonly value: number
  readonly at: number
  /** Position of its first instruction. */
  readonly start: number
}

export class LoopCounter {
  private readonly graph: FlowGraph
  private words: Int32Array = new Int32Array(0)
  /** Both are 0 everywhere between two loops. */
  private inside = new Uint8Array(64)
  private reached = new Uint8Array(64)
  private looked = 0
  /** Of a node the first edge that leads to it, and of an edge the next one; -1 after the last. */
  private firstIn = new Int32Array(64)
  private nextIn = new Int32Array(64)
  /** The nodes that are marked as inside, and how many. */
  private marked = new Int32Array(64)
  private markedNodes = 0
  /** Nodes of each group, by the group's name. */
  private readonly groups = new Map<number, number[]>()
  /** Of the loop being looked at: whether a group lies inside. */
  private readonly verdicts = new Map<number, boolean>()

  constructor(graph: FlowGraph) {
    this.graph = graph
  }

  /** Inner loops come before outer ones. `potential` is infinite for nodes from which every way traps. */
  find(code: InstructionList, potential: Float64Array): CountedLoop[] {
    const { graph, inside } = this
    this.words = code.words
    if (inside.length < graph.nodes) {
      this.inside = new Uint8Array(graph.nodes * 2)
      this.reached = new Uint8Array(graph.nodes * 2)
      this.firstIn = new Int32Array(graph.nodes * 2)
      this.marked = new Int32Array(graph.nodes * 2)
    }
    const found: CountedLoop[] = []
    this.looked = 0
    const most = Math.min(MAX_LOOKS, FREE_LOOKS + LOOKS_EACH * (graph.nodes + graph.writes))
    this.collectGroups()
    if (graph.loops.length > 0) this.collectEdges()
    for (let i = graph.loops.length - 1; i >= 0; i--) {
      const loop = graph.loops[i]!
      const looks = loop.last - loop.first + 1 + this.firstWrite(loop.end) - this.firstWrite(loop.start)
      if (this.looked + looks > most) continue
      this.looked += looks
      this.verdicts.clear()
      const counted = this.count(loop, i, potential)
      if (counted !== null) found.push(counted)
      while (this.markedNodes > 0) this.inside[this.marked[--this.markedNodes]!] = 0
    }
    return found
  }

  private count(loop: Loop, index: number, potential: Float64Array): CountedLoop | null {
    const { graph } = this
    if (graph.group[loop.header]! >= 0) return null
    const backEdge = this.onlyBackEdge(loop)
    if (backEdge < 0) return null
    this.markInside(loop)
    const exitEdge = this.onlyExit(potential)
    if (exitEdge < 0) return null
    const tester = graph.edgeFrom[exitEdge]!
    const test = graph.branchAt[tester]!
    const last = graph.edgeFrom[backEdge]!
    if (test < 0 || this.inInnerLoop(index, test) || this.inInnerLoop(index, graph.edgeAt[backEdge]!)) return null
    if (!this.everyTurn(loop, tester, last)) return null
    const condition = this.condition(loop, test, graph.start[tester]!, graph.edgeWhenTrue[exitEdge] === 0)
    if (condition === null) return null
    const { x, bound, goesOn } = condition
    const write = this.onlyWrite(loop, x.value)
    if (write < 0 || !this.everyTurn(loop, graph.writesIn[write]!, last)) return null
    const at = graph.writesAt[write]!
    const step = this.stepOf(at, x.value, graph.start[graph.writesIn[write]!]!)
    if (this.inInnerLoop(index, at) || step === null || (x.kind === 'written' && x.at !== at)) return null
    if (bound.kind === 'written' || (bound.kind === 'local' && this.onlyWrite(loop, bound.value) !== -1)) return null
    if (goesOn === I32_EQ) return null
    if (step.kind === 'local') {
      // Taken as unsigned the step only goes up, whatever it is; 0 never ends and traps.
      if (goesOn === I32_NE || !GOES_UP.has(goesOn) || this.onlyWrite(loop, step.index) !== -1) return null
    } else if (goesOn !== I32_NE && GOES_UP.has(goesOn) !== step.value > 0) return null
    const stepFirst = x.kind === 'written' || x.at > at
    const start = this.constantBefore(loop, x.value)
    return {
      loop,
      backEdge,
      exitEdge,
      counter: x.value,
      step,
      stepFirst,
      goesOn,
      bound:
        bound.kind === 'constant' ? { kind: 'constant', value: bound.value } : { kind: 'local', index: bound.value },
      turns:
        start === null || bound.kind !== 'constant' || step.kind !== 'constant'
          ? null
          : countTurns((stepFirst ? start + step.value : start) | 0, step.value, goesOn, bound.value),
      cost: 0,
    }
  }

  /** -1 unless one edge alone, not through a br_table, leads back to the header. */
  private onlyBackEdge({ header, first, last }: Loop): number {
    const { graph } = this
    let found = -1
    for (let edge = this.firstIn[header]!; edge >= 0; edge = this.nextIn[edge]!) {
      const place = graph.place[graph.edgeFrom[edge]!]!
      if (place < first || place > last) continue
      if (found >= 0 || (graph.edgePlace[edge] !== BEFORE && graph.edgePlace[edge] !== BRANCH_TAKEN)) return -1
      found = edge
    }
    return found
  }

  /**
   * Marks the nodes from which a way leads back to the header: backward from it, each edge once. Passes over all nodes until
   * nothing changes were one for each of the loops inside that go on with the loop around them: 256 of these took 0.1 s.
   */
  private markInside({ header, first, last }: Loop): void {
    const { graph, inside, firstIn, nextIn, marked } = this
    let count = 0
    inside[header] = 1
    marked[count++] = header
    for (let followed = 0; followed < count; followed++) {
      for (let edge = firstIn[marked[followed]!]!; edge >= 0; edge = nextIn[edge]!) {
        const from = graph.edgeFrom[edge]!
        const place = graph.place[from]!
        if (inside[from] === 1 || place < first || place > last) continue
        inside[from] = 1
        marked[count++] = from
      }
    }
    this.markedNodes = count
  }

  /** Lists the edges by where they lead. */
  private collectEdges(): void {
    const { graph } = this
    if (this.nextIn.length < graph.edges) this.nextIn = new Int32Array(graph.edges * 2)
    this.firstIn.fill(-1, 0, graph.nodes)
    for (let edge = 0; edge < graph.edges; edge++) {
      const to = graph.edgeTo[edge]!
      if (to === SINK) continue
      this.nextIn[edge] = this.firstIn[to]!
      this.firstIn[to] = edge
    }
  }

  /** -1 unless the loop is left by one branch alone, and has no cut in it. */
  private onlyExit(potential: Float64Array): number {
    const { graph, inside, marked } = this
    let found = -1
    for (let k = 0; k < this.markedNodes; k++) {
      const node = marked[k]!
      for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
        const to = graph.edgeTo[edge]!
        if (graph.edgeResumes[edge] === 1) return -1
        if (to !== SINK && (inside[to] === 1 || potential[to] === Infinity)) {
          // A group with members elsewhere would tie this loop's costs to theirs.
          if (graph.group[to]! >= 0 && !this.groupInside(graph.groupOf(to))) return -1
          continue
        }
        if (found >= 0) return -1
        found = edge
      }
    }
    return found
  }

  private collectGroups(): void {
    const { graph, groups } = this
    groups.clear()
    if (!graph.hasGroups || graph.loops.length === 0) return
    for (let node = 0; node < graph.nodes; node++) {
      if (graph.group[node]! < 0) continue
      const group = graph.groupOf(node)
      const members = groups.get(group)
      if (members === undefined) groups.set(group, [node])
      else members.push(node)
    }
  }

  /** Each group is looked at once per loop: many branches lead to the same one. */
  private groupInside(group: number): boolean {
    const known = this.verdicts.get(group)
    if (known !== undefined) return known
    const members = this.groups.get(group)!
    this.looked += members.length
    const verdict = !this.graph.groupLeaves.has(group) && members.every((node) => this.inside[node] === 1)
    this.verdicts.set(group, verdict)
    return verdict
  }

  /** Loops stand in the order in which they begin, so inner ones follow. */
  private inInnerLoop(index: number, position: number): boolean {
    const { loops } = this.graph
    const { end } = loops[index]!
    for (let i = index + 1; i < loops.length && loops[i]!.start < end; i++) {
      if (position > loops[i]!.start && position < loops[i]!.end) return true
    }
    return false
  }

  /** Whether no way from the header to where the loop branches back avoids `node`. */
  private everyTurn({ header, first, last }: Loop, node: number, back: number): boolean {
    const { graph, inside, reached } = this
    if (inside[node] === 0) return false
    if (node === header || node === back) return true
    for (let k = first; k <= last; k++) reached[graph.sequence[k]!] = 0
    reached[header] = 1
    for (let k = first; k <= last; k++) {
      const from = graph.sequence[k]!
      if (reached[from] === 0 || from === node) continue
      if (from === back) return false
      for (let edge = graph.firstOut[from]!; edge >= 0; edge = graph.edgeNext[edge]!) {
        const to = graph.edgeTo[edge]!
        if (to !== SINK && inside[to] === 1) reached[to] = 1
      }
    }
    return true
  }

  /** Which of the graph's writes is the only one of `local` in the loop: -1 for none, -2 for several. */
  private onlyWrite({ start, end }: Loop, local: number): number {
    const { graph, inside, words } = this
    let found = -1
    for (let i = this.firstWrite(start); i < graph.writes && graph.writesAt[i]! <= end; i++) {
      if (words[graph.writesAt[i]! * WORDS + 2] !== local || inside[graph.writesIn[i]!] === 0) continue
      if (found >= 0) return -2
      found = i
    }
    return found
  }

  /** The first of the graph's writes at or after a position. */
  private firstWrite(position: number): number {
    const { writesAt, writes } = this.graph
    let low = 0
    let high = writes
    while (low < high) {
      const middle = (low + high) >> 1
      if (writesAt[middle]! < position) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The step of `local := local + step` written at a position; null for any other write. */
  private stepOf(at: number, local: number, from: number): Amount | null {
    if (at - 3 < from) return null
    const [first, second, operator] = [at - 3, at - 2, at - 1]
    const reads = (i: number): boolean => this.op(i) === LOCAL_GET && this.a(i) === local
    const operation = this.op(operator)
    if (operation === I32_ADD && reads(first)) return this.amount(second, 1, local)
    if (operation === I32_ADD && reads(second)) return this.amount(first, 1, local)
    return operation === I32_SUB && reads(first) && this.op(second) === I32_CONST
      ? this.amount(second, -1, local)
      : null
  }

  private amount(i: number, sign: number, counter: number): Amount | null {
    const value = Math.imul(this.a(i), sign)
    if (this.op(i) === I32_CONST) return value === 0 || value === -0x80000000 ? null : { kind: 'constant', value }
    return this.op(i) === LOCAL_GET && this.a(i) !== counter ? { kind: 'local', index: this.a(i) } : null
  }

  /** The condition of the branch at `test`, as that under which the loop goes on, `x goesOn bound`. */
  private condition(
    loop: Loop,
    test: number,
    from: number,
    leavesWhenFalse: boolean,
  ): { readonly x: Operand; readonly bound: Operand; readonly goesOn: number } | null {
    let at = test - 1
    // The exit is taken when the condition is false, or when it is true.
    let negated = !leavesWhenFalse
    const comparison = (i: number): boolean => i >= from && this.op(i) >= I32_EQ && this.op(i) <= I32_GE_U
    while (at >= from && this.op(at) === I32_EQZ && (comparison(at - 1) || this.op(at - 1) === I32_EQZ)) {
      negated = !negated
      at--
    }
    const zero: Operand = { kind: 'constant', value: 0, at, start: at }
    let op: number = I32_NE
    let left: Operand | null
    let right: Operand | null = zero
    if (comparison(at)) {
      op = this.op(at)
      right = this.operand(at - 1, from)
      left = right === null ? null : this.operand(right.start - 1, from)
    } else if (this.op(at) === I32_EQZ) {
      op = I32_EQ
      left = this.operand(at - 1, from)
    } else left = this.operand(at, from)
    if (left === null || right === null) return null
    if (negated) op = NEGATED.get(op)!
    // Whichever is written in the loop is the counter; the caller checks that the other is not.
    const counts = ({ kind, value }: Operand): boolean =>
      kind === 'written' || (kind === 'local' && this.onlyWrite(loop, value) !== -1)
    if (counts(left)) return { x: left, bound: right, goesOn: op }
    return counts(right) ? { x: right, bound: left, goesOn: SWAPPED.get(op)! } : null
  }

  /** The operand whose last instruction stands at a position: a constant, a local, or a counter just written. */
  private operand(at: number, from: number): Operand | null {
    if (at < from) return null
    const value = this.a(at)
    switch (this.op(at)) {
      case 0x41: // i32.const
        return { kind: 'constant', value, at, start: at }
      case 0x20: // local.get
        return { kind: 'local', value, at, start: at }
      case 0x22: // local.tee
        return this.stepOf(at, value, from) === null ? null : { kind: 'written', value, at, start: at - 3 }
      default:
        return null
    }
  }

  /** The value that the node entering the loop has put in `local`, where that is a constant. */
  private constantBefore(loop: Loop, local: number): number | null {
    const { graph } = this
    const from = graph.start[graph.edgeFrom[loop.entryEdge]!]!
    for (let i = loop.start - 1; i >= from; i--) {
      const op = this.op(i)
      // Code of other nodes may stand in between, after the end of a block.
      if ((op >= BLOCK && op <= RETURN) || op < NOP) return null
      if ((op === LOCAL_SET || op === LOCAL_TEE) && this.a(i) === local) {
        return op === LOCAL_SET && i > from && this.op(i - 1) === I32_CONST ? this.a(i - 1) : null
      }
    }
    return null
  }

  private op(i: number): number {
    return this.words[i * WORDS]!
  }

  private a(i: number): number {
    return this.words[i * WORDS + 2]!
  }
}
