/**
 * The fuel that has been paid ahead at every node of a function's flow graph, so that charges can be merged and made
 * early (docs/protocol/metering.md).
 *
 * Every node n has a potential P(n): what has been paid ahead when n is entered, so that there the counter is the exact
 * figure less P(n). It is the least fuel that any way from the start of n to the next sink uses, the potential of the
 * sink included. The edge n -> m then pays
 *
 *   cost(n) + P(m) - P(n) >= 0
 *
 * which is 0 on the cheapest way: straight-line code and the cheapest arm pay nothing. All nodes a br_table leads to
 * are entered with the same potential, the least of theirs, and pay the rest themselves, since the edges of a br_table
 * have no place of their own.
 *
 * A loop whose turns can be counted (countedLoops.ts) is charged for all of them when it is entered, with the least a
 * turn costs; the edge that leads back gives this back, so that the cheapest turn pays nothing. The sum above stays at 0
 * or more, since the least cost of a turn is that of the same graph.
 *
 * Nodes from which every way traps have infinite potential: nothing is charged on the way to them or in them. A loop
 * that is never left would be such a node; its header counts as a way out, so that each turn is paid.
 */
import type { InstructionList } from '../binary/module.ts'
import { type CountedLoop, LoopCounter } from './countedLoops.ts'
import { type FlowGraph, SINK } from './flowGraph.ts'

/** Potentials stay below it, so that sums over nested calls stay whole numbers in doubles and far from 2^63. */
const MOST_POTENTIAL = 2 ** 40

/**
 * Sweeps over the graph before the potentials are given up and every node pays for itself. A sweep settles what needs
 * no backward branch; each further one, one backward branch more.
 */
const MOST_SWEEPS = 16

/** Turns times the cost of one must not overflow: loops with dearer turns pay turn by turn. */
const MOST_TURN_COST = 2 ** 30

/** The potentials of one graph at a time; {@link Potentials.solve} finds those of the graph that was built last. */
export class Potentials {
  /** By node; infinite where every way traps. A target of a br_table is entered with its group's. */
  potential = new Float64Array(64)
  /** Per edge: what the loop it leads back in has paid for the turn, or has to be paid for all turns. */
  prepaid = new Float64Array(64)
  /** The loops that are charged for all their turns when they are entered. */
  readonly counted: CountedLoop[] = []
  private readonly graph: FlowGraph
  private readonly loopCounter: LoopCounter
  /** Potential on entry of a group, by the node that names it. */
  private groupPotential = new Float64Array(64)
  /** Headers and traps that count as a way out; 0 from `virtualNodes` on. */
  private virtual = new Uint8Array(64)
  private virtualNodes = 0

  constructor(graph: FlowGraph) {
    this.graph = graph
    this.loopCounter = new LoopCounter(graph)
  }

  /** The potential of the entry: the least fuel a call of the function uses, as far as it is known. */
  solve(code: InstructionList): number {
    const { graph } = this
    this.reserve()
    this.virtual.fill(0, 0, this.virtualNodes)
    this.virtualNodes = 0
    this.clearCounted()
    let settled = this.relax()
    if (settled && graph.loops.length > 0) settled = this.countLoops(code)
    if (settled && this.addVirtualSinks()) settled = this.relax()
    if (!settled) {
      this.clearCounted()
      this.potential.fill(0, 0, graph.nodes)
      this.groupPotential.fill(0, 0, graph.nodes)
    }
    return this.entry
  }

  /** The fuel that callers may pay ahead; 0 where every way through the function traps. */
  get entry(): number {
    const entry = this.potential[0]!
    return entry === Infinity ? 0 : entry
  }

  private clearCounted(): void {
    for (const { backEdge, loop } of this.counted) {
      this.prepaid[backEdge] = 0
      this.prepaid[loop.entryEdge] = 0
    }
    this.counted.length = 0
  }

  /** Inner loops first: the least cost of a turn of an outer one depends on what inner ones pay at once. */
  private countLoops(code: InstructionList): boolean {
    const found = this.loopCounter.find(code, this.potential)
    for (const counted of found) {
      const cost = this.leastTurn(counted)
      if (cost === null || cost <= 0 || cost > MOST_TURN_COST) continue
      counted.cost = cost
      this.prepaid[counted.backEdge] = -cost
      if (counted.turns !== null) this.prepaid[counted.loop.entryEdge] = counted.turns * cost
      this.counted.push(counted)
    }
    return found.length === 0 || this.relax()
  }

  /**
   * Least cost from the header of a loop to where it branches back; null when it does not settle. Spoils the potentials
   * of the loop's nodes.
   */
  private leastTurn({ loop, backEdge }: CountedLoop): number | null {
    const { graph, potential, groupPotential } = this
    for (let k = loop.first; k <= loop.last; k++) {
      const node = graph.sequence[k]!
      potential[node] = Infinity
      if (graph.group[node]! >= 0) groupPotential[graph.groupOf(node)] = Infinity
    }
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      let changed = false
      for (let k = loop.last; k >= loop.first; k--) {
        const node = graph.sequence[k]!
        let least = Infinity
        for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
          const to = graph.edgeTo[edge]!
          // Only the way back counts as an end, and ways stay in the loop.
          if (edge === backEdge) least = Math.min(least, 0)
          else if (to !== SINK && graph.place[to]! > loop.first && graph.place[to]! <= loop.last) {
            least = Math.min(least, this.paidOn(edge))
          }
        }
        if (this.lower(node, least)) changed = true
      }
      if (!changed) return potential[loop.header] === Infinity ? null : potential[loop.header]!
    }
    return null
  }

  /** Lowers the potential of a node whose cheapest edge has `least` paid; whether it changed. */
  private lower(node: number, least: number): boolean {
    const { graph, potential, groupPotential } = this
    const value = Math.min(least + graph.cost[node]!, MOST_POTENTIAL)
    if (least === Infinity || value >= potential[node]!) return false
    potential[node] = value
    if (!graph.hasGroups) return true
    const group = graph.groupOf(node)
    if (group >= 0 && value < groupPotential[group]!) groupPotential[group] = value
    return true
  }

  /**
   * Headers of loops that are never left; and where a function traps whatever it does, the traps, so that a call with
   * too little fuel is told so.
   */
  private addVirtualSinks(): boolean {
    const { graph, potential, virtual } = this
    let found = false
    for (const { header } of graph.loops) {
      if (potential[header] !== Infinity) continue
      virtual[header] = 1
      this.virtualNodes = graph.nodes
      found = true
    }
    if (found || potential[0] !== Infinity) return found
    for (let node = 0; node < graph.nodes; node++) if (graph.firstOut[node]! < 0) virtual[node] = 1
    this.virtualNodes = graph.nodes
    return true
  }

  /**
   * Lowers potentials until they settle; false when they do not. A sweep from the end settles all that does not depend
   * on a backward branch, so after it only what stands before the end of a loop whose header changed can change.
   */
  private relax(): boolean {
    const { graph, potential } = this
    potential.fill(Infinity, 0, graph.nodes)
    if (graph.hasGroups) return this.relaxGroups()
    const { sequence, firstOut, edgeNext, edgeTo, edgeFixed, edgeResumes, cost, lastOfLoop } = graph
    const { virtual, prepaid } = this
    let from = graph.sequenceLength - 1
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      let again = -1
      for (let k = from; k >= 0; k--) {
        const node = sequence[k]!
        let least = virtual[node] === 1 ? 0 : Infinity
        for (let edge = firstOut[node]!; edge >= 0; edge = edgeNext[edge]!) {
          if (edgeResumes[edge] === 1) continue
          const to = edgeTo[edge]!
          const paid = (to === SINK ? edgeFixed[edge]! : potential[to]!) + prepaid[edge]!
          if (paid < least) least = paid
        }
        if (least === Infinity) continue
        let value = least + cost[node]!
        if (value > MOST_POTENTIAL) value = MOST_POTENTIAL
        if (value >= potential[node]!) continue
        potential[node] = value
        if (lastOfLoop[node]! > again) again = lastOfLoop[node]!
      }
      if (again < 0) return true
      from = again
    }
    return false
  }

  private relaxGroups(): boolean {
    const { graph, groupPotential } = this
    groupPotential.fill(Infinity, 0, graph.nodes)
    for (const group of graph.groupLeaves) groupPotential[graph.groupOf(group)] = 0
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      let changed = false
      for (let k = graph.sequenceLength - 1; k >= 0; k--) {
        const node = graph.sequence[k]!
        let least = this.virtual[node] === 1 ? 0 : Infinity
        for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
          if (graph.edgeResumes[edge] === 1) continue
          const paid = this.paidOn(edge)
          if (paid < least) least = paid
        }
        if (this.lower(node, least)) changed = true
      }
      if (!changed) return true
    }
    return false
  }

  /** The sum that must have been paid when the edge has been taken. */
  private paidOn(edge: number): number {
    const { graph } = this
    const to = graph.edgeTo[edge]!
    const paid = to === SINK ? graph.edgeFixed[edge]! : graph.hasGroups ? this.entryOf(to) : this.potential[to]!
    return paid + this.prepaid[edge]!
  }

  /** The fuel that has been paid when the node is entered. */
  entryOf(node: number): number {
    const group = this.graph.groupOf(node)
    return group >= 0 ? this.groupPotential[group]! : this.potential[node]!
  }

  /** The charge that a target of a br_table pays itself; 0 for other nodes. */
  restOf(node: number): number {
    if (!this.graph.hasGroups) return 0
    const group = this.graph.groupOf(node)
    if (group < 0 || this.potential[node] === Infinity) return 0
    return this.potential[node]! - this.groupPotential[group]!
  }

  private reserve(): void {
    const { nodes, edges } = this.graph
    if (this.potential.length < nodes) {
      this.potential = new Float64Array(nodes * 2)
      this.groupPotential = new Float64Array(nodes * 2)
      this.virtual = new Uint8Array(nodes * 2)
      this.virtualNodes = 0
    }
    if (this.prepaid.length < edges) this.prepaid = new Float64Array(edges * 2)
  }
}
