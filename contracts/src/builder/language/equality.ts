/**
 * Equality of objects. Without an operator of its own a class is compared by where its objects are in memory, which says
 * nothing of what they hold; Solidity has no `==` for structs and arrays either. Refused, within generic code of the
 * standard library too (`includes` of a struct, keys of a Map).
 */

import { type Class, internals, type Node, numberOf, type Replacement, type Type } from '../internals.ts'
import { shortName } from '../shortNames.ts'
import { around, type Hook, isAuthors } from './hooks.ts'
import { bare, KIND } from './nodes.ts'
import { SDK } from './sdkNames.ts'

const { OperatorKind, Token, Type: Types, CommonFlags } = internals
const NOT_EQUAL = [numberOf(Token, 'Exclamation_Equals'), numberOf(Token, 'Exclamation_Equals_Equals')]
const INSTANCE = numberOf(CommonFlags, 'Instance')

export const EQUALITY_RULES: readonly Replacement[] = [
  around('compileCommutativeCompareBinaryExpressionFromParts', (hook, original, ...parts) => {
    const [operator, , leftExpression, leftType, right, rightExpression, rightType, , at] = parts
    const { compiler } = hook
    const kind = OperatorKind.fromBinaryToken(operator)
    if (isAuthors(at) && leftType.isNullableReference && bare(right).kind === KIND.null) {
      // Whether there is an object is not a question to the class's own operator.
      const compare = NOT_EQUAL.includes(operator) ? 'makeNe' : 'makeEq'
      compiler.currentType = Types.bool
      return compiler[compare](leftExpression, rightExpression, compiler.options.usizeType, at)
    }
    const ofNull = parts.some((part, i) => (i === 1 || i === 4) && bare(part as Node).kind === KIND.null)
    const left = leftType.getClass()
    const other = rightType.getClass()
    const own = left?.lookupOverload(kind) ?? other?.lookupOverload(kind) ?? null
    if (own === null && left !== null && other !== null && !ofNull && isJudged(hook, at, leftType)) {
      const isUnequal = NOT_EQUAL.includes(operator)
      const what = `${isUnequal ? '!=' : '=='} would compare where two objects of ${shortName(left.name)} are in memory`
      hook.session.report(at, `${what}, not their contents`, insteadOf(left, isUnequal))
    }
    return original(...parts)
  }),
  around('compileCallDirect', (hook, original, instance, ...rest) => {
    const key = instance.prototype.internalName === SDK.hash ? instance.typeArguments?.[0]?.getClass() : null
    if (key && key.prototype.internalName !== SDK.string) {
      const message = `a Map or Set in memory finds ${shortName(key.name)} by where it is, not by its contents`
      hook.session.report(rest[1], message, 'use a Mapping in storage, or its text as the key')
    }
    return original(instance, ...rest)
  }),
]

/** The author's own comparisons, and those of library code that compare a value of a type it was given. */
function isJudged({ compiler }: Hook, at: Node, type: Type): boolean {
  if (isAuthors(at)) return true
  const given = compiler.currentFlow.sourceFunction.contextualTypeArguments
  return given !== null && [...given.values()].includes(type)
}

function insteadOf(of: Class, isUnequal: boolean): string {
  const { internalName } = of.prototype
  if (internalName === SDK.array || internalName === SDK.staticArray) return 'compare their lengths and elements'
  const { members } = of as Class & {
    readonly members: ReadonlyMap<
      string,
      { readonly name: string; is(flag: number): boolean; readonly isField?: boolean }
    > | null
  }
  const fields = [...(members?.values() ?? [])].filter((member) => member.isField === true && member.is(INSTANCE))
  const operator = isUnequal ? '!=' : '=='
  const compared = fields.slice(0, 2).map(({ name }) => `a.${name} ${operator} b.${name}`)
  if (compared.length === 0) return "give the class an @operator('==')"
  return `compare their members: ${compared.join(isUnequal ? ' || ' : ' && ')}${fields.length > 2 ? ' …' : ''}`
}
