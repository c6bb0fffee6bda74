/**
 * Truth of objects. AssemblyScript takes any object for true, as it compares where it is in memory with nothing: a
 * U256 of zero is true. Solidity takes nothing but a bool for a condition. So objects as conditions are refused;
 * only whether there is an object at all can be asked, of a type with null.
 */

import { type Class, internals, type Node, numberOf, type Replacement, type Type } from '../internals.ts'
import { shortName } from '../shortNames.ts'
import { around, classOf, type Hook, isAuthors, typeOf } from './hooks.ts'
import { textOfNode } from './nodes.ts'
import { SDK } from './sdkNames.ts'

const EQUALS = numberOf(internals.OperatorKind, 'Eq')
const ASSERT = '~lib/builtins/assert'

export const TRUTH_RULES: readonly Replacement[] = [
  around('makeIsTrueish', (hook, original, expression, type, at) => {
    judge(hook, type, at)
    return original(expression, type, at)
  }),
  around('compileCallExpressionBuiltin', (hook, original, prototype, call, type) => {
    const [condition] = call.args
    if (prototype.internalName === ASSERT && condition !== undefined) {
      const asserted = typeOf(hook, condition, internals.Type.bool)
      if (asserted !== null) judge(hook, asserted, condition)
    }
    return original(prototype, call, type)
  }),
]

function judge(hook: Hook, type: Type, at: Node): void {
  if (!type.isReference || !isAuthors(at)) return
  const of = type.getClass() ?? classOf(hook, at)
  const name = nameOf(of)
  const text = textOfNode(at)
  // A value that is known not to be null at this place may still have a type with null, in the next round of a loop for one.
  if (type.isNullableReference || typeOf(hook, at)?.isNullableReference) {
    if (of === null || of.lookupOverload(EQUALS) === null) return
    const ask = `${text} !== null`
    hook.session.report(
      at,
      `as a condition ${name} says only whether it is there, not whether it is zero`,
      `write ${ask}`,
    )
    return
  }
  const assigned = /^[\w.]+ = /.test(text)
  const instead = assigned
    ? `did you mean ${text.replace('=', '==')}?`
    : insteadOf(of?.prototype.internalName ?? '', text)
  hook.session.report(at, `${name} is not a condition: it would be true whatever it holds`, instead)
}

function nameOf(of: Class | null): string {
  const name = of === null ? 'function' : shortName(of.name)
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

function insteadOf(className: string, text: string): string {
  switch (className) {
    case SDK.u256:
    case SDK.i256:
    case SDK.address:
      return `write ${text}.isZero or !${text}.isZero`
    case SDK.bytes:
    case SDK.string:
    case SDK.array:
    case SDK.staticArray:
    case SDK.storageArray:
      return `write ${text}.length > 0`
    case SDK.bytes32:
      return `write ${text}.isZero or !${text}.isZero`
    default:
      return className.startsWith(SDK.fixedBytes) ? `write ${text}.isZero or !${text}.isZero` : 'compare its contents'
  }
}
