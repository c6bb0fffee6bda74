/**
 * The control-flow graph of one function, as far as charging needs it: flat lists, which the next function uses again.
 * graphBuilder.ts makes it from the code.
 *
 * A node is a stretch of instructions that runs from its first to its last unless something traps. It is split at
 * branches, at joins, at loop headers, and after every call that may reach the host (a *cut*: fuel is observed there).
 * An edge leads to a node or to a *sink*: the end of the function, a tail call, or a cut. Sinks have a fixed potential,
 * what must have been paid when they are reached: 0, or what a callee expects its callers to have paid. Instructions
 * that always trap end a node without an edge, since a trap burns all fuel.
 *
 * Every edge has a place in the code where something can be inserted that runs exactly when the edge is taken, but for
 * the edges of a br_table.
 */

/** An edge's place: before an instruction, at a br_if when it branches, in the missing else of an if (at its end). */
export const BEFORE = 0
export const BRANCH_TAKEN = 1
export const MISSING_ELSE = 2
/** Through a br_table: no place of its own. */
export const TABLE = 3

/** `edgeTo` of an edge to a sink. */
export const SINK = -1

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

  /** Empties the graph for the next function. */
  clear(): void {
    this.nodes = 0
    this.edges = 0
    this.sequenceLength = 0
    this.loops.length = 0
    this.writes = 0
    if (this.hasGroups) this.groupLeaves.clear()
    this.hasSizedCosts = false
    this.needsStack = false
    this.hasGroups = false
    this.branchesToEnd = false
  }

  /** Adds a node that costs nothing and leads nowhere yet; its number. */
  addNode(): number {
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

  /** The code of `node` begins at `position`; its number again. */
  open(node: number, position: number): number {
    this.start[node] = position
    this.place[node] = this.sequenceLength
    this.sequence[this.sequenceLength++] = node
    return node
  }

  /** Adds an edge; `fixed` is the potential of a sink. Its number. */
  addEdge(from: number, to: number, place: number, at: number, fixed: number): number {
    if (this.edges === this.edgeFrom.length) this.widenEdges()
    const edge = this.edges++
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

  /** Notes that the instruction at `position`, in `node`, writes a local in a loop. */
  addWrite(position: number, node: number): void {
    if (this.writes === this.writesAt.length) {
      this.writesAt = widen(this.writesAt, new Int32Array(this.writes * 2))
      this.writesIn = widen(this.writesIn, new Int32Array(this.writes * 2))
    }
    this.writesAt[this.writes] = position
    this.writesIn[this.writes++] = node
  }

  /** Puts `node` in the group, which is named by one of its nodes; the group's name. */
  joinGroups(group: number, node: number): number {
    const other = this.group[node]! < 0 ? node : this.groupOf(node)
    if (this.group[node]! < 0) this.group[node] = node
    if (group < 0 || group === other) return other
    this.group[other] = group
    if (this.groupLeaves.has(other)) this.groupLeaves.add(group)
    return group
  }

  /** The name of the node's group; -1 where it is in none. */
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

function widen<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
