/**
 * Which functions a call may lead to. An engine that charges early must know which calls can reach the host, where fuel is
 * observed, and which functions can be active more than once, where only a check on the way bounds what runs.
 *
 * Whether a function can be called through a table is told by its address: only functions that `ref.func` or an element
 * segment mentions can be in one. When references cross the border of the instance (tables imported or exported,
 * references in the types of imports or exports), tables may hold functions of other instances, which may do anything.
 */
import { functionTypeOf, type Module } from '../binary/module.ts'
import type { FunctionType } from '../binary/types.ts'
import type { ValidatedModule } from '../validate/validateModule.ts'
import type { CallGraph } from './callGraph.ts'

export interface Reach {
  /** References cross the border of the instance. */
  readonly open: boolean
  /** Per function defined in the module: 1 when an imported function may be called before it returns. */
  readonly host: Uint8Array
  /** The same for a call through a table. */
  readonly indirectHost: boolean
  /** Per function defined in the module: 1 when it may be called again, directly or through a table, while it is active. */
  readonly recursive: Uint8Array
}

export function reach({ module, addressTaken }: ValidatedModule, graph: CallGraph): Reach {
  const { importedFunctions: imported } = module
  const { callees, indirectCalls } = graph
  const count = callees.length
  const open = referencesCross(module)

  const host = new Uint8Array(count)
  // Callees ascend, and imported functions come first.
  for (let f = 0; f < count; f++) if (callees[f]!.length > 0 && callees[f]![0]! < imported) host[f] = 1
  spreadToCallers(host, graph, imported)
  let indirectHost = open
  for (let i = 0; i < addressTaken.length; i++) {
    if (addressTaken[i] === 1 && (i < imported || host[i - imported] === 1)) indirectHost = true
  }
  if (indirectHost) {
    for (let f = 0; f < count; f++) host[f]! |= indirectCalls[f]!
    spreadToCallers(host, graph, imported)
  }

  const reachesTable = indirectCalls.slice()
  spreadToCallers(reachesTable, graph, imported)
  const fromTable = spreadToCallees(addressTaken.slice(imported), graph, imported)
  const recursive = graph.inCycle.slice()
  for (let f = 0; f < count; f++) if (reachesTable[f] === 1 && fromTable[f] === 1) recursive[f] = 1
  return { open, host, indirectHost, recursive }
}

/**
 * Flags every function that leads to a flagged one by direct calls. Each call is looked at once, in cycles of any
 * length too.
 */
export function spreadToCallers(flags: Uint8Array, { callees }: CallGraph, imported: number): void {
  const count = callees.length
  const pending: number[] = []
  for (let f = 0; f < count; f++) if (flags[f] === 1) pending.push(f)
  if (pending.length === 0 || pending.length === count) return
  /** Callers of function g are at `firstCaller[g]` to `firstCaller[g + 1]`. */
  const firstCaller = new Int32Array(count + 1)
  for (const list of callees) {
    for (const callee of list) if (callee >= imported) firstCaller[callee - imported + 1]!++
  }
  for (let g = 0; g < count; g++) firstCaller[g + 1]! += firstCaller[g]!
  const callers = new Int32Array(firstCaller[count]!)
  const next = firstCaller.slice(0, count)
  for (let f = 0; f < count; f++) {
    for (const callee of callees[f]!) if (callee >= imported) callers[next[callee - imported]!++] = f
  }
  for (let g = pending.pop(); g !== undefined; g = pending.pop()) {
    for (let at = firstCaller[g]!; at < firstCaller[g + 1]!; at++) {
      const caller = callers[at]!
      if (flags[caller] === 1) continue
      flags[caller] = 1
      pending.push(caller)
    }
  }
}

function spreadToCallees(flags: Uint8Array, { callees }: CallGraph, imported: number): Uint8Array {
  const pending: number[] = []
  for (let f = 0; f < flags.length; f++) if (flags[f] === 1) pending.push(f)
  for (let f = pending.pop(); f !== undefined; f = pending.pop()) {
    for (const callee of callees[f]!) {
      const target = callee - imported
      if (target < 0 || flags[target] === 1) continue
      flags[target] = 1
      pending.push(target)
    }
  }
  return flags
}

function referencesCross(module: Module): boolean {
  const mentions = ({ params, results }: FunctionType): boolean =>
    params.includes('funcref') || results.includes('funcref')
  for (const { description } of module.imports) {
    if (description.kind === 'table') return true
    if (description.kind === 'global' && description.global.type === 'funcref') return true
    if (description.kind === 'function' && mentions(module.types[description.typeIndex]!)) return true
  }
  for (const { kind, index } of module.exports) {
    if (kind === 'table') return true
    if (kind === 'global' && module.globalTypes[index]!.type === 'funcref') return true
    if (kind === 'function' && mentions(functionTypeOf(module, index))) return true
  }
  return module.start !== null && mentions(functionTypeOf(module, module.start.functionIndex))
}
