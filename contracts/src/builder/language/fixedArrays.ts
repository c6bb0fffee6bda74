/** Arrays of fixed length: `[a, b, c]` where one is wanted, and an index that is no place of theirs; `[a, , c]` of any. */

import { type Class, internals, type Node, type Replacement } from '../internals.ts'
import { LENGTH_PREFIX } from '../sdk.ts'
import { shortName } from '../shortNames.ts'
import { around, callMethod, classOf, type Hook, inOrder, isAuthors, keep } from './hooks.ts'
import { asElement, bare, KIND } from './nodes.ts'
import { SDK } from './sdkNames.ts'

const { Type: Types } = internals

export const FIXED_ARRAY_RULES: readonly Replacement[] = [
  around('compileArrayLiteral', (hook, original, node, type, constraints) => {
    const of = type.getClass()
    const isFixed = of?.prototype.internalName === SDK.fixedArray
    const hasHole = node.elementExpressions.some(({ kind }) => kind === KIND.omitted)
    if (hasHole && (isFixed || isAuthors(node))) {
      hook.session.report(node, 'an element is missing between two commas', 'write it, such as a zero')
      if (!isFixed) return original(node, type, constraints)
      hook.compiler.currentType = of.type
      return hook.compiler.module.unreachable()
    }
    if (!isFixed) return original(node, type, constraints)
    const { compiler, session } = hook
    const { module } = compiler
    const elements = node.elementExpressions
    const length = lengthOf(of)
    if (elements.length !== length) {
      session.report(
        node,
        `${nameOf(of)} has ${length} elements, and here are ${elements.length}`,
        `write ${length} of them`,
      )
      compiler.currentType = of.type
      return module.unreachable()
    }
    const range = node.range
    const made = keep(hook, callMethod(hook, of, '__fresh', [], module.i32(0), node), of.type, range)
    const puts = elements.map((element, i) => {
      const index = internals.Node.createCompiledExpression(module.i32(i), Types.i32, element.range)
      const array = compiler.compileExpression(made.node, of.type)
      return callMethod(hook, of, '__put', [index, element], array, element)
    })
    const result = compiler.compileExpression(made.node, of.type)
    compiler.currentType = of.type
    return inOrder(hook, [made.set, ...puts], result)
  }),
  around('compileElementAccessExpression', (hook, original, node, type, constraints) => {
    checkIndex(hook, node)
    return original(node, type, constraints)
  }),
  around('compileAssignment', (hook, original, target, value, type) => {
    checkIndex(hook, bare(target))
    return original(target, value, type)
  }),
]

/** Refuses a number that is outside of the array, which can only panic. */
function checkIndex(hook: Hook, target: Node): void {
  const element = isAuthors(target) ? asElement(target) : null
  const index = element === null ? null : bare(element.elementExpression)
  if (element === null || index === null || index.kind !== KIND.literal) return
  const { text } = index.range.source
  const written = text.slice(index.range.start, index.range.end)
  if (!/^\d+$/.test(written)) return
  const of = classOf(hook, element.expression)
  if (!isArray(of) || Number(written) < lengthOf(of)) return
  const last = lengthOf(of) - 1
  hook.session.report(
    index,
    `${written} is outside of ${nameOf(of)}: its last element is ${last}`,
    `write 0 to ${last}`,
  )
}

/** An array, or its place in storage. */
function isArray(of: Class | null): of is Class {
  const name = of?.prototype.internalName
  return name === SDK.fixedArray || name === SDK.storedFixedArray
}

function lengthOf({ typeArguments }: Class): number {
  return Number(typeArguments?.[1]?.getClass()?.prototype.name.slice(LENGTH_PREFIX.length))
}

function nameOf({ name }: Class): string {
  return shortName(name).replace(/^Stored/, '')
}
