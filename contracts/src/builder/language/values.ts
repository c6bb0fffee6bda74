/** Wei for a method of an interface that changes nothing: a static call carries none, so it would stay where it is. */

import { walk } from '../astNodes.ts'
import type { Call, FunctionPrototype, Node, Replacement } from '../internals.ts'
import { around, classOf, ELEMENT, type Hook, isAuthors, memberOf } from './hooks.ts'
import { asCall, asProperty, bare, textOfNode } from './nodes.ts'

/** By which the methods that the build makes of @view and @pure ones call (generateContract.ts). */
const ASK = '__ask'
const WITH_VALUE = 'withValue'
/** Give the object that they are called on. */
const SETTERS: readonly string[] = [WITH_VALUE, 'withGas']

export const VALUE_RULES: readonly Replacement[] = [
  around('compileCallExpression', (hook, original, call, type, constraints) => {
    if (isAuthors(call)) refuseValueOfView(hook, call)
    return original(call, type, constraints)
  }),
]

/** Refuses `new I(a).withValue(wei).look()` of a @view `look`; an amount kept in a variable fails as it runs. */
function refuseValueOfView(hook: Hook, call: Call): void {
  const callee = asProperty(bare(call.expression))
  const given = callee === null ? null : valueGivenTo(callee.expression)
  if (callee === null || given === null) return
  const of = classOf(hook, callee.expression)
  const method = of === null ? null : memberOf(of, callee.property.text)
  if (method === null || method.kind !== ELEMENT.function || !asks(method as FunctionPrototype)) return
  const { text: name } = callee.property
  hook.session.report(
    call,
    `${name} is a @view or @pure method, which takes no value: ${textOfNode(given)} would be sent nowhere`,
    `leave out .${WITH_VALUE}(…), or mark ${name} of the interface @payable if it takes wei`,
  )
}

/** The wei that the calls before this one give it; null when there are none. */
function valueGivenTo(object: Node): Node | null {
  let node = bare(object)
  for (let call = asCall(node); call !== null; call = asCall(node)) {
    const setter = asProperty(bare(call.expression))
    if (setter === null || !SETTERS.includes(setter.property.text)) return null
    const [value] = call.args
    if (setter.property.text === WITH_VALUE && value !== undefined) return value
    node = bare(setter.expression)
  }
  return null
}

function asks({ declaration }: FunctionPrototype): boolean {
  let found = false
  if (declaration.body === null) return false
  walk(declaration.body, (inner) => {
    if (asProperty(inner as Node)?.property.text === ASK) found = true
  })
  return found
}
