/**
 * Where a function checks that the call stack has room for its calls (docs/protocol/metering.md). A call of a counted
 * function needs its weight; it is checked where the call has become inevitable, which may be before a loop or on entry,
 * but never before a cut.
 */
import { BEFORE, type FlowGraph, SINK, TABLE } from './flowGraph.ts'
import type { Placement } from './placement.ts'

/** The stack that a function has, and may ask for. */
export interface StackFacts {
  /** Its own frame, where it is counted by the stack rule, else 0. */
  readonly ownStack: number
  /** Stack bytes its callers have checked; counted from what it is entered with. */
  readonly checkedByCaller: number
  /** No need is told above it: it is more than the stack has. */
  readonly mostStack: number
}

/** Writes the stack checks of one graph at a time into a placement. */
export class StackChecks {
  private readonly graph: FlowGraph
  private readonly placement: Placement
  /** By node: what has been checked on every way to it, and what every way from it needs. */
  private guaranteed = new Float64Array(64)
  private required = new Float64Array(64)

  constructor(graph: FlowGraph, placement: Placement) {
    this.graph = graph
    this.placement = placement
  }

  /** Decides what the function checks on entry and on its way. */
  place(facts: StackFacts): void {
    this.reserve()
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
      if (graph.isHeader[node] === 1 || graph.group[node]! >= 0) this.checkAt(node)
      for (let edge = graph.firstOut[node]!; edge >= 0; edge = graph.edgeNext[edge]!) {
        const to = graph.edgeTo[edge]!
        if (to === SINK || graph.place[to]! <= k) continue
        let known = guaranteed[node]!
        if (required[to]! > known && graph.edgePlace[edge] !== TABLE && graph.group[to]! < 0) {
          this.insert(edge, required[to]!)
          known = required[to]!
        }
        guaranteed[to] = Math.min(guaranteed[to]!, known)
      }
    }
  }

  /** A target of a br_table checks for itself. */
  private checkAt(node: number): void {
    const { graph, placement } = this
    if (this.required[node]! <= this.guaranteed[node]!) return
    const at = graph.start[node]!
    placement.mark(at)
    placement.beforeStack[at] = Math.max(placement.beforeStack[at]!, this.required[node]!)
    this.guaranteed[node] = this.required[node]!
  }

  private insert(edge: number, bytes: number): void {
    const { graph, placement } = this
    const at = graph.edgeAt[edge]!
    placement.mark(at)
    const list = graph.edgePlace[edge] === BEFORE ? placement.beforeStack : placement.atStack
    list[at] = Math.max(list[at]!, bytes)
  }

  private reserve(): void {
    const { nodes } = this.graph
    if (this.required.length >= nodes) return
    this.guaranteed = new Float64Array(nodes * 2)
    this.required = new Float64Array(nodes * 2)
  }
}
