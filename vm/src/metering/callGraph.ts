/** Direct calls between the functions of a module, and which of them form cycles. */

import { type InstructionList, type Module, WORDS } from '../binary/module.ts'
import { OP } from '../binary/opcodes.ts'
import type { FunctionFacts } from '../validate/validateFunction.ts'

const {
  call_indirect: CALL_INDIRECT,
  return_call: RETURN_CALL,
  return_call_indirect: RETURN_CALL_INDIRECT,
  'memory.grow': MEMORY_GROW,
} = OP

export interface CallGraph {
  /** Per function defined in the module: the indices of functions it calls directly, each once, ascending. */
  readonly callees: readonly (readonly number[])[]
  /** Per function defined in the module: 1 when it contains `return_call` or `return_call_indirect`. */
  readonly tailCalls: Uint8Array
  /** Per function defined in the module: 1 when it contains `call_indirect` or `return_call_indirect`. */
  readonly indirectCalls: Uint8Array
  /** Per function defined in the module: 1 when a `return_call` leads to it. */
  readonly tailTarget: Uint8Array
  /** Per function defined in the module: 1 when a chain of direct calls leads back to it. */
  readonly inCycle: Uint8Array
  /** Per function defined in the module: 1 when such a chain leads through another function. */
  readonly inWideCycle: Uint8Array
  /** Functions defined in the module, callees before callers; inside a cycle in no particular order. */
  readonly calleesFirst: readonly number[]
}

const NO_CALLEES: readonly number[] = []

/** `growthImport`: index of the imported function that every `memory.grow` calls, or -1 (charges.ts). */
export function callGraph(
  { bodies, functionTypes, importedFunctions }: Module,
  functions: readonly FunctionFacts[],
  growthImport = -1,
): CallGraph {
  const count = bodies.length
  const tailCalls = new Uint8Array(count)
  const indirectCalls = new Uint8Array(count)
  const tailTarget = new Uint8Array(count)
  const callees = new Array<readonly number[]>(count).fill(NO_CALLEES)
  /** The last function seen to call each function, plus 1. */
  const calledBy = new Int32Array(functionTypes.length)
  for (let f = 0; f < count; f++) {
    const { calls } = functions[f]!
    const grows = growthImport >= 0 && mayGrow(bodies[f]!.code)
    if (calls.length === 0 && !grows) continue
    const { words } = bodies[f]!.code
    let found: number[] | null = null
    let ascending = true
    if (grows) {
      calledBy[growthImport] = f + 1
      found = [growthImport]
    }
    for (const position of calls) {
      const at = position * WORDS
      const op = words[at]!
      if (op === CALL_INDIRECT || op === RETURN_CALL_INDIRECT) indirectCalls[f] = 1
      if (op === RETURN_CALL || op === RETURN_CALL_INDIRECT) tailCalls[f] = 1
      if (op === CALL_INDIRECT || op === RETURN_CALL_INDIRECT) continue
      const callee = words[at + 2]!
      if (op === RETURN_CALL && callee >= importedFunctions) tailTarget[callee - importedFunctions] = 1
      if (calledBy[callee] === f + 1) continue
      calledBy[callee] = f + 1
      found ??= []
      if (found.length > 0 && found[found.length - 1]! > callee) ascending = false
      found.push(callee)
    }
    if (found === null) continue
    callees[f] = ascending ? found : found.sort((left, right) => left - right)
  }
  return { callees, tailCalls, indirectCalls, tailTarget, ...components(callees, importedFunctions) }
}

/** There is `memory.grow`, reachable or not. */
function mayGrow({ words, count }: InstructionList): boolean {
  for (let i = 0; i < count; i++) if (words[i * WORDS] === MEMORY_GROW) return true
  return false
}

/** Tarjan's strongly connected components, with a stack of its own: a module may chain 10 000 functions. */
function components(
  callees: readonly (readonly number[])[],
  imported: number,
): Pick<CallGraph, 'inCycle' | 'inWideCycle' | 'calleesFirst'> {
  const count = callees.length
  /** When a function was first visited, counted from 1. */
  const order = new Int32Array(count)
  const lowest = new Int32Array(count)
  const onStack = new Uint8Array(count)
  const nextCallee = new Int32Array(count)
  const inCycle = new Uint8Array(count)
  const inWideCycle = new Uint8Array(count)
  const calleesFirst = new Array<number>(count)
  const stack = new Int32Array(count)
  const path = new Int32Array(count)
  let visited = 0
  let left = 0
  let stacked = 0
  for (let root = 0; root < count; root++) {
    if (order[root] !== 0) continue
    let depth = 0
    for (let node = root; ; ) {
      if (order[node] === 0) {
        order[node] = ++visited
        lowest[node] = visited
        onStack[node] = 1
        stack[stacked++] = node
        path[depth++] = node
      }
      const list = callees[node]!
      const next = nextCallee[node]!
      if (next < list.length) {
        nextCallee[node] = next + 1
        const target = list[next]! - imported
        if (target < 0) continue
        if (target === node) inCycle[node] = 1
        if (order[target] === 0) node = target
        else if (onStack[target] === 1 && order[target]! < lowest[node]!) lowest[node] = order[target]!
        continue
      }
      depth--
      if (lowest[node] === order[node]) {
        let first = stacked - 1
        while (stack[first] !== node) first--
        for (let i = first; i < stacked; i++) {
          const member = stack[i]!
          onStack[member] = 0
          if (stacked - first > 1) inCycle[member] = inWideCycle[member] = 1
          calleesFirst[left++] = member
        }
        stacked = first
      }
      if (depth === 0) break
      const parent = path[depth - 1]!
      if (lowest[node]! < lowest[parent]!) lowest[parent] = lowest[node]!
      node = parent
    }
  }
  return { inCycle, inWideCycle, calleesFirst }
}
