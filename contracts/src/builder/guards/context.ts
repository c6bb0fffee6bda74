/**
 * The value that is wanted of an operand. Where only truth is asked for, as in a condition, `a && b` may be compiled to
 * 0 or 1. The compiler hands that wish on to the operands of comparisons and arithmetic: in `if ((a && b) > 5)` it
 * compares 0 or 1 with 5.
 */

import type { AstNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { Compiler, Method, Type } from '../internals.ts'
import { internals as as } from '../internals.ts'

const { NodeKind } = parser
const { Token } = as
/** Of their operands too only truth is asked for; a value that is assigned is of its target's type. */
const TRUTH_ONLY = [Token['Ampersand_Ampersand'], Token['Bar_Bar'], Token['Exclamation'], Token['Equals']]

interface OperatorNode extends AstNode {
  readonly operator: number
  /** Of a binary expression. */
  readonly left?: AstNode
  /** Of a unary one. */
  readonly operand?: AstNode
}

/** For `Compiler#compileBinaryExpression` and `compileUnaryPrefixExpression(expression, contextualType, constraints)`. */
export function operandsByValue(original: Method): Method {
  return function (this: Compiler, node: OperatorNode, contextualType: Type, ...rest: unknown[]) {
    const first = node.left ?? node.operand
    const isMisled =
      contextualType === as.Type.bool && first !== undefined && !TRUTH_ONLY.includes(node.operator) && isLogical(first)
    return original.call(this, node, isMisled ? as.Type.auto : contextualType, ...rest)
  }
}

/** Whether the value is that of a `&&` or `||`. */
function isLogical(node: AstNode): boolean {
  switch (node.kind) {
    case NodeKind['Parenthesized']:
      return isLogical((node as AstNode & { expression: AstNode }).expression)
    case NodeKind['Ternary']: {
      const { ifThen, ifElse } = node as AstNode & { ifThen: AstNode; ifElse: AstNode }
      return isLogical(ifThen) || isLogical(ifElse)
    }
    case NodeKind['Comma']: {
      const last = (node as AstNode & { expressions: AstNode[] }).expressions.at(-1)
      return last !== undefined && isLogical(last)
    }
    case NodeKind['Binary']: {
      const { operator } = node as OperatorNode
      return operator === Token['Ampersand_Ampersand'] || operator === Token['Bar_Bar']
    }
    default:
      return false
  }
}
