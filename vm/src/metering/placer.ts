/**
 * Where a function charges fuel and checks the counter: each edge pays what the potentials leave (potentials.ts), and
 * checks stand so close that not much runs unpaid. The argument that none of it can be observed is in
 * docs/protocol/metering.md. Checks of the stack are placed by stackChecks.ts.
 */
import type { CountedLoop } from './countedLoops.ts'
import { BEFORE, BRANCH_TAKEN, type FlowGraph, MISSING_ELSE, SINK, TABLE } from './flowGraph.ts'
import { Placement } from './placement.ts'
import type { Potentials } from './potentials.ts'
import { StackChecks, type StackFacts } from './stackChecks.ts'

/**
 * Fuel that may be charged in one activation of a function between two checks, in simple instructions of 600 fuel:
 * 2 000 of them. More on the way to a point means a check there.
 */
export const UNCHECKED_FUEL = 1_200_000

/**
 * A counted loop is not checked turn by turn when what its turns charge on their way is at most this part of what was
 * paid for them, and checked, when it was entered: so it runs longer by this part at most than the fuel there is. With a
 * fourth, a switch in a loop was checked, and took 2.8 times as long as without a meter instead of 1.06.
 */
export const UNPAID_SHARE = 2

/** Facts of the function being placed. */
export interface Placed extends StackFacts {
  /** Instructions of its body. */
  readonly count: number
  readonly recursive: boolean
}

/** Places the charges and checks of one graph at a time. */
export class Placer {
  readonly placement = new Placement()
  readonly potentials: Potentials
  private readonly graph: FlowGraph
  private readonly stackChecks: StackChecks
  private charge = new Float64Array(64)
  private check = new Uint8Array(64)
  /** By edge: the most that the turns of the loop that is left by it have charged unchecked; 0 from `owingEdges` on. */
  private owed = new Float64Array(64)
  private owingEdges = 0
  /** 0 from `checkedNodes` on. */
  private nodeCheck = new Uint8Array(64)
  private checkedNodes = 0
  /** By node: the most that has been charged on a way to it. */
  private reached = new Float64Array(64)

  constructor(graph: FlowGraph, potentials: Potentials) {
    this.graph = graph
    this.potentials = potentials
    this.stackChecks = new StackChecks(graph, this.placement)
  }

  /** The charge that {@link place} lets an edge of the graph pay. */
  chargeOf(edge: number): number {
    return this.charge[edge]!
  }

  /** Whether the counter is compared with 0 where the edge is taken. */
  isChecked(edge: number): boolean {
    return this.check[edge] === 1
  }

  /** Decides what is inserted. The potentials have been solved with the final figures of the callees. */
  place(facts: Placed, paidByCaller: number): Placement {
    const { graph, placement, potentials } = this
    this.reserve()
    placement.clear(facts.count)
    placement.entryPotential = potentials.entry
    placement.entryCharge = placement.entryPotential - paidByCaller
    placement.entryCheck = placement.entryCharge >= UNCHECKED_FUEL
    this.chargeEdges()
    for (const counted of potentials.counted) {
      if (counted.turns !== null) continue
      placement.mark(counted.loop.start)
      placement.counted.set(counted.loop.start, counted)
    }
    if (placement.counted.size > 0) placement.active = true
    this.checkLoops()
    if (facts.recursive) this.guardRecursion()
    this.checkLongWays()
    this.stackChecks.place(facts)
    const { charge, check, nodeCheck } = this
    for (let edge = 0; edge < graph.edges; edge++) {
      if (charge[edge] !== 0 || check[edge] === 1) this.insert(edge, charge[edge]!, check[edge]!)
    }
    for (let node = 0; node < graph.nodes && (graph.hasGroups || this.checkedNodes > 0); node++) {
      const rest = graph.hasGroups ? potentials.restOf(node) : 0
      if (rest === 0 && nodeCheck[node] === 0) continue
      placement.mark(graph.start[node]!)
      placement.before[graph.start[node]!]! += rest
      placement.beforeCheck[graph.start[node]!]! |= this.nodeCheck[node]!
      placement.active = true
    }
    if (placement.entryCharge !== 0 || placement.entryCheck) placement.active = true
    return placement
  }

  private insert(edge: number, charge: number, check: number): void {
    const { graph, placement } = this
    placement.active = true
    const at = graph.edgeAt[edge]!
    placement.mark(at)
    switch (graph.edgePlace[edge]) {
      case BEFORE:
        placement.before[at]! += charge
        placement.beforeCheck[at]! |= check
        return
      case BRANCH_TAKEN:
      case MISSING_ELSE:
        placement.at[at]! += charge
        placement.atCheck[at]! |= check
        return
      default:
        throw new Error('an edge of a br_table is charged')
    }
  }

  private chargeEdges(): void {
    const { graph, potentials, charge, check } = this
    const { potential, prepaid } = potentials
    const { edgeFrom, edgeTo, edgeFixed, edgeResumes, edgePlace, edgeToImport, cost, hasGroups } = graph
    this.nodeCheck.fill(0, 0, this.checkedNodes)
    this.checkedNodes = 0
    for (let edge = 0; edge < graph.edges; edge++) {
      const to = edgeTo[edge]!
      const from = edgeFrom[edge]!
      const entered = to === SINK ? edgeFixed[edge]! : hasGroups ? potentials.entryOf(to) : potential[to]!
      const paid = entered + prepaid[edge]!
      let amount = 0
      if (paid !== Infinity) {
        if (edgeResumes[edge] === 1) amount = paid
        else if (potential[from] !== Infinity) amount = paid + cost[from]! - potential[from]!
      }
      if (edgePlace[edge] === TABLE && amount !== 0) {
        // The same for all edges of the table, so it can be paid before it; only once.
        const { placement } = this
        placement.mark(graph.edgeAt[edge]!)
        placement.before[graph.edgeAt[edge]!] = amount
        placement.active = true
        amount = 0
      }
      charge[edge] = amount
      check[edge] = edgeToImport[edge]!
    }
  }

  /** Every turn of a loop is checked: where it branches back, or at its header when a br_table does. */
  private checkLoops(): void {
    const { graph } = this
    this.owed.fill(0, 0, this.owingEdges)
    this.owingEdges = 0
    if (graph.loops.length === 0) return
    const { edgeTo, edgeFrom, edgePlace, isHeader, place } = graph
    for (let edge = 0; edge < graph.edges; edge++) {
      const to = edgeTo[edge]!
      if (to === SINK || isHeader[to] === 0 || place[edgeFrom[edge]!]! < place[to]!) continue
      if (edgePlace[edge] === TABLE) this.checkNode(to)
      else this.check[edge] = 1
    }
    for (const counted of this.potentials.counted) {
      const unpaid = this.unpaidInTurn(counted)
      if (unpaid > counted.cost / UNPAID_SHARE) continue
      this.check[counted.backEdge] = 0
      // Entered unchecked, as what it pays may have been paid for a loop around it, by a caller or with much else.
      if (counted.turns !== null) {
        this.owed[counted.exitEdge] = counted.turns * unpaid
        this.owingEdges = graph.edges
      }
    }
  }

  private checkNode(node: number): void {
    this.nodeCheck[node] = 1
    this.checkedNodes = this.graph.nodes
  }

  /** Most fuel that a turn charges on its way, with all turns of loops inside, beyond what has been paid for it. */
  private unpaidInTurn({ loop, backEdge }: CountedLoop): number {
    const { graph, reached } = this
    for (let k = loop.first; k <= loop.last; k++) reached[graph.sequence[k]!] = 0
    let most = this.charge[backEdge]!
    for (let k = loop.first; k <= loop.last; k++) {
      const node = graph.sequence[k]!
      const sum = reached[node]! + this.potentials.restOf(node) + graph.unchecked[node]!
      for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
        const to = graph.edgeTo[edge]!
        const after = sum + this.charge[edge]! + this.owed[edge]!
        if (edge === backEdge) most = Math.max(most, after)
        else if (to !== SINK && graph.place[to]! > k && after > reached[to]!) reached[to] = after
      }
    }
    return most
  }

  /**
   * On every way to a call that may come back here there is a check. The ways that make no such call stay free of it:
   * calls of a recursion's base case cost nothing.
   */
  private guardRecursion(): void {
    const { graph, placement } = this
    if (placement.entryCharge > 0) {
      placement.entryCheck = true
      return
    }
    const paying: number[] = []
    const seen = new Uint8Array(graph.nodes)
    const pending = [0]
    seen[0] = 1
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (graph.recurses[node] === 1) {
        placement.entryCheck = true
        return
      }
      for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
        const to = graph.edgeTo[edge]!
        if (to === SINK) continue
        if (this.charge[edge]! > 0 || this.check[edge] === 1) paying.push(edge)
        else if (seen[to] === 0) {
          seen[to] = 1
          pending.push(to)
        }
      }
    }
    for (const edge of paying) this.check[edge] = 1
  }

  /** Checks where more than {@link UNCHECKED_FUEL} could have been charged since the last check in this activation. */
  private checkLongWays(): void {
    const { graph, placement, reached, charge, check, owed, nodeCheck } = this
    const { sequence, sequenceLength, firstOut, edgeNext, edgeTo, edgePlace, unchecked, hasGroups } = graph
    reached.fill(0, 0, graph.nodes)
    let most = 0
    reached[0] = placement.entryCheck ? 0 : placement.entryCharge
    for (let k = 0; k < sequenceLength; k++) {
      const node = sequence[k]!
      let sum = reached[node]! + (hasGroups ? this.potentials.restOf(node) : 0)
      if (nodeCheck[node] === 1) sum = 0
      else if (sum >= UNCHECKED_FUEL) {
        this.checkNode(node)
        sum = 0
      }
      sum += unchecked[node]!
      for (let edge = firstOut[node]!; edge >= 0; edge = edgeNext[edge]!) {
        let after = sum + charge[edge]! + owed[edge]!
        if (after >= UNCHECKED_FUEL && edgePlace[edge] !== TABLE) check[edge] = 1
        if (check[edge] === 1) after = 0
        const to = edgeTo[edge]!
        if (to === SINK) {
          if (after > most) most = after
        } else if (after > reached[to]!) reached[to] = after
      }
    }
    placement.unchecked = most
  }

  private reserve(): void {
    const { nodes, edges } = this.graph
    if (this.reached.length < nodes) {
      this.nodeCheck = new Uint8Array(nodes * 2)
      this.checkedNodes = 0
      this.reached = new Float64Array(nodes * 2)
    }
    if (this.charge.length < edges) {
      this.charge = new Float64Array(edges * 2)
      this.check = new Uint8Array(edges * 2)
      this.owed = new Float64Array(edges * 2)
      this.owingEdges = 0
    }
  }
}
