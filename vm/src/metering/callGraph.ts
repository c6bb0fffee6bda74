/** Direct calls between the functions of a module, and which of them form cycles. */

import { type Module, WORDS } from '../binary/module.ts'

export interface CallGraph {
  /** Per function defined in the module: the indices of functions it calls directly, each once, ascending. */
  readonly callees: readonly (readonly number[])[]
  /** Per function defined in the module: 1 when it contains `return_call` or `return_call_indirect`. */
  readonly tailCalls: Uint8Array
  /** Per function defined in the module: 1 when a chain of direct calls leads back to it. */
  readonly inCycle: Uint8Array
  /** Functions defined in the module, callees before callers; inside a cycle in no particular order. */
  readonly calleesFirst: readonly number[]
}

export function callGraph(module: Module): CallGraph {
  const tailCalls = new Uint8Array(module.bodies.length)
  const callees = module.bodies.map((body, i) => {
    const found = new Set<number>()
    const { words, count } = body.code
    for (let at = 0; at < count * WORDS; at += WORDS) {
      const op = words[at]!
      if (op === 0x10 || op === 0x12) found.add(words[at + 2]!)
      if (op === 0x12 || op === 0x13) tailCalls[i] = 1
    }
    return [...found].sort((left, right) => left - right)
  })
  return { callees, tailCalls, ...components(callees, module.importedFunctions) }
}

/** Tarjan's strongly connected components, with a stack of its own: a module may chain 10 000 functions. */
function components(
  callees: readonly (readonly number[])[],
  imported: number,
): Pick<CallGraph, 'inCycle' | 'calleesFirst'> {
  const count = callees.length
  const order = new Int32Array(count).fill(-1)
  const lowest = new Int32Array(count)
  const onStack = new Uint8Array(count)
  const nextCallee = new Int32Array(count)
  const inCycle = new Uint8Array(count)
  const calleesFirst: number[] = []
  const stack: number[] = []
  const path: number[] = []
  let visited = 0

  const enter = (node: number): void => {
    order[node] = visited
    lowest[node] = visited++
    onStack[node] = 1
    stack.push(node)
    path.push(node)
  }
  const leave = (node: number): void => {
    path.pop()
    const parent = path.at(-1)
    if (parent !== undefined) lowest[parent] = Math.min(lowest[parent]!, lowest[node]!)
    if (lowest[node] !== order[node]) return
    const component = stack.splice(stack.lastIndexOf(node))
    for (const member of component) {
      onStack[member] = 0
      if (component.length > 1) inCycle[member] = 1
      calleesFirst.push(member)
    }
  }

  for (let root = 0; root < count; root++) {
    if (order[root] !== -1) continue
    enter(root)
    while (path.length > 0) {
      const node = path.at(-1)!
      const callee = callees[node]![nextCallee[node]!]
      if (callee === undefined) {
        leave(node)
        continue
      }
      nextCallee[node]!++
      const target = callee - imported
      if (target < 0) continue
      if (target === node) inCycle[node] = 1
      if (order[target] === -1) enter(target)
      else if (onStack[target] === 1) lowest[node] = Math.min(lowest[node]!, order[target]!)
    }
  }
  return { inCycle, calleesFirst }
}
