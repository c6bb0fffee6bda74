/**
 * Where a function charges fuel, checks the counter and checks the stack; the argument that none of it can be observed
 * is in docs/protocol/metering.md.
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
import { BEFORE, BRANCH_TAKEN, type FlowGraph, MISSING_ELSE, SINK, TABLE } from './flowGraph.ts'
import { Placement } from './placement.ts'

/**
 * Fuel that may be charged in one activation of a function between two checks, in simple instructions of 600 fuel:
 * 2 000 of them. More on the way to a point means a check there.
 */
export const UNCHECKED_FUEL = 1_200_000

/** Potentials stay below it, so that sums over nested calls stay whole numbers in doubles and far from 2^63. */
const MOST_POTENTIAL = 2 ** 40

/**
 * Sweeps over the graph before the potentials are given up and every node pays for itself. A sweep settles what needs
 * no backward branch; each further one, one backward branch more.
 */
const MOST_SWEEPS = 16

/**
 * A counted loop is not checked turn by turn when what its turns charge on their way is at most this part of what was
 * paid for them, and checked, when it was entered.
 */
const UNPAID_SHARE = 4

/** Turns times the cost of one must not overflow: loops with dearer turns pay turn by turn. */
const MOST_TURN_COST = 2 ** 30

/** Facts of the function being placed. */
export interface Placed {
  /** Instructions of its body. */
  readonly count: number
  readonly recursive: boolean
  /** Its own frame, where it is counted by the stack rule, else 0. */
  readonly ownStack: number
  /** Stack bytes its callers have checked; counted from what it is entered with. */
  readonly checkedByCaller: number
  /** No need is told above it: it is more than the stack has. */
  readonly mostStack: number
}

export class Placer {
  readonly placement = new Placement()
  private readonly graph: FlowGraph
  private readonly loopCounter: LoopCounter
  private readonly counted: CountedLoop[] = []
  /** Per edge: what the loop it leads back in has paid for the turn, or has to be paid for all turns. */
  private prepaid = new Float64Array(64)
  private potential = new Float64Array(64)
  /** Potential on entry of a group, by the node that names it. */
  private groupPotential = new Float64Array(64)
  /** Headers and traps that count as a way out; 0 from `virtualNodes` on. */
  private virtual = new Uint8Array(64)
  private virtualNodes = 0
  private charge = new Float64Array(64)
  private check = new Uint8Array(64)
  /** 0 from `checkedNodes` on. */
  private nodeCheck = new Uint8Array(64)
  private checkedNodes = 0
  private reached = new Float64Array(64)
  private guaranteed = new Float64Array(64)
  private required = new Float64Array(64)

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
    const entry = this.potential[0]!
    return entry === Infinity ? 0 : entry
  }

  /** Fuel that has been paid ahead when a node is entered; infinite where every way from it traps. */
  potentialOf(node: number): number {
    return this.potential[node]!
  }

  /** The charge that {@link place} lets an edge of the graph pay. */
  chargeOf(edge: number): number {
    return this.charge[edge]!
  }

  isChecked(edge: number): boolean {
    return this.check[edge] === 1
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

  private entryOf(node: number): number {
    const group = this.graph.groupOf(node)
    return group >= 0 ? this.groupPotential[group]! : this.potential[node]!
  }

  /** Decides what is inserted. `solve` has been called with the final figures of the callees. */
  place(facts: Placed, paidByCaller: number): Placement {
    const { graph, placement } = this
    placement.clear(facts.count)
    const entry = this.potential[0]!
    placement.entryPotential = entry === Infinity ? 0 : entry
    placement.entryCharge = placement.entryPotential - paidByCaller
    placement.entryCheck = placement.entryCharge >= UNCHECKED_FUEL
    this.chargeEdges()
    for (const counted of this.counted) {
      if (counted.turns !== null) continue
      placement.mark(counted.loop.start)
      placement.counted.set(counted.loop.start, counted)
    }
    if (placement.counted.size > 0) placement.active = true
    this.checkLoops()
    if (facts.recursive) this.guardRecursion()
    this.checkLongWays()
    this.checkStack(facts)
    const { charge, check, nodeCheck } = this
    for (let edge = 0; edge < graph.edges; edge++) {
      if (charge[edge] !== 0 || check[edge] === 1) this.insert(edge, charge[edge]!, check[edge]!)
    }
    for (let node = 0; node < graph.nodes && (graph.hasGroups || this.checkedNodes > 0); node++) {
      const rest = graph.hasGroups ? this.restOf(node) : 0
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
    const { graph, potential, charge, prepaid, check } = this
    const { edgeFrom, edgeTo, edgeFixed, edgeResumes, edgePlace, edgeToImport, cost, hasGroups } = graph
    this.nodeCheck.fill(0, 0, this.checkedNodes)
    this.checkedNodes = 0
    for (let edge = 0; edge < graph.edges; edge++) {
      const to = edgeTo[edge]!
      const from = edgeFrom[edge]!
      const entered = to === SINK ? edgeFixed[edge]! : hasGroups ? this.entryOf(to) : potential[to]!
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

  /** The charge that a target of a br_table pays itself. */
  private restOf(node: number): number {
    if (!this.graph.hasGroups) return 0
    const group = this.graph.groupOf(node)
    if (group < 0 || this.potential[node] === Infinity) return 0
    return this.potential[node]! - this.groupPotential[group]!
  }

  /** Every turn of a loop is checked: where it branches back, or at its header when a br_table does. */
  private checkLoops(): void {
    const { graph } = this
    if (graph.loops.length === 0) return
    const { edgeTo, edgeFrom, edgePlace, isHeader, place } = graph
    for (let edge = 0; edge < graph.edges; edge++) {
      const to = edgeTo[edge]!
      if (to === SINK || isHeader[to] === 0 || place[edgeFrom[edge]!]! < place[to]!) continue
      if (edgePlace[edge] === TABLE) this.checkNode(to)
      else this.check[edge] = 1
    }
    for (const counted of this.counted) {
      if (this.unpaidInTurn(counted) <= counted.cost / UNPAID_SHARE) this.check[counted.backEdge] = 0
    }
  }

  private checkNode(node: number): void {
    this.nodeCheck[node] = 1
    this.checkedNodes = this.graph.nodes
  }

  /** Most fuel that a turn charges on its way, beyond what has been paid for it. */
  private unpaidInTurn({ loop, backEdge }: CountedLoop): number {
    const { graph, reached } = this
    for (let k = loop.first; k <= loop.last; k++) reached[graph.sequence[k]!] = 0
    let most = this.charge[backEdge]!
    for (let k = loop.first; k <= loop.last; k++) {
      const node = graph.sequence[k]!
      const sum = reached[node]! + this.restOf(node) + graph.unchecked[node]!
      for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
        const to = graph.edgeTo[edge]!
        const after = sum + this.charge[edge]!
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
    const { graph, placement, reached, charge, check, nodeCheck } = this
    const { sequence, sequenceLength, firstOut, edgeNext, edgeTo, edgePlace, unchecked, hasGroups } = graph
    reached.fill(0, 0, graph.nodes)
    let most = 0
    reached[0] = placement.entryCheck ? 0 : placement.entryCharge
    for (let k = 0; k < sequenceLength; k++) {
      const node = sequence[k]!
      let sum = reached[node]! + (hasGroups ? this.restOf(node) : 0)
      if (nodeCheck[node] === 1) sum = 0
      else if (sum >= UNCHECKED_FUEL) {
        this.checkNode(node)
        sum = 0
      }
      sum += unchecked[node]!
      for (let edge = firstOut[node]!; edge >= 0; edge = edgeNext[edge]!) {
        let after = sum + charge[edge]!
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

  /**
   * Stack checks. A call of a counted function needs its weight; it is checked where the call has become inevitable,
   * which may be before a loop or on entry, but never before a cut.
   */
  private checkStack(facts: Placed): void {
    const { graph, placement, guaranteed, required } = this
    placement.entryStack = 0
    const { ownStack, checkedByCaller } = facts
    if (!graph.needsStack) {
      if (ownStack > checkedByCaller) placement.entryStack = Math.min(ownStack, facts.mostStack)
      return
    }
    required.fill(0, 0, graph.nodes)
    for (let k = graph.sequenceLength - 1; k >= 0; k--) {
      const node = graph.sequence[k]!
      let own = graph.tailNeed[node]!
      if (graph.stackNeed[node]! > 0) own = Math.max(own, ownStack + graph.stackNeed[node]!)
      let least = Infinity
      for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
        if (graph.edgeResumes[edge] === 1) continue
        const to = graph.edgeTo[edge]!
        // A header further up is not known yet: nothing is asked of it.
        least = Math.min(least, to === SINK || graph.place[to]! <= k ? 0 : required[to]!)
      }
      required[node] = Math.min(Math.max(own, least === Infinity ? 0 : least), facts.mostStack)
    }
    guaranteed.fill(Infinity, 0, graph.nodes)
    guaranteed[0] = Math.max(checkedByCaller, required[0]!, ownStack)
    if (guaranteed[0]! > checkedByCaller) placement.entryStack = Math.min(guaranteed[0]!, facts.mostStack)
    for (let k = 0; k < graph.sequenceLength; k++) {
      const node = graph.sequence[k]!
      if (graph.isHeader[node] === 1 || graph.group[node]! >= 0) this.checkStackAt(node)
      for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
        const to = graph.edgeTo[edge]!
        if (to === SINK || graph.place[to]! <= k) continue
        let known = guaranteed[node]!
        if (required[to]! > known && graph.edgePlace[edge] !== TABLE && graph.group[to]! < 0) {
          this.insertStack(edge, required[to]!)
          known = required[to]!
        }
        guaranteed[to] = Math.min(guaranteed[to]!, known)
      }
    }
  }

  /** A target of a br_table checks for itself. */
  private checkStackAt(node: number): void {
    const { graph, placement } = this
    if (this.required[node]! <= this.guaranteed[node]!) return
    const at = graph.start[node]!
    placement.mark(at)
    placement.beforeStack[at] = Math.max(placement.beforeStack[at]!, this.required[node]!)
    this.guaranteed[node] = this.required[node]!
  }

  private insertStack(edge: number, bytes: number): void {
    const { graph, placement } = this
    const at = graph.edgeAt[edge]!
    placement.mark(at)
    const list = graph.edgePlace[edge] === BEFORE ? placement.beforeStack : placement.atStack
    list[at] = Math.max(list[at]!, bytes)
  }

  private reserve(): void {
    const { nodes, edges } = this.graph
    if (this.potential.length < nodes) {
      const size = nodes * 2
      this.potential = new Float64Array(size)
      this.groupPotential = new Float64Array(size)
      this.virtual = new Uint8Array(size)
      this.nodeCheck = new Uint8Array(size)
      this.virtualNodes = 0
      this.checkedNodes = 0
      this.reached = new Float64Array(size)
      this.guaranteed = new Float64Array(size)
      this.required = new Float64Array(size)
    }
    if (this.charge.length < edges) {
      this.charge = new Float64Array(edges * 2)
      this.prepaid = new Float64Array(edges * 2)
      this.check = new Uint8Array(edges * 2)
    }
  }
}
