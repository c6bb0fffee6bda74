/**
 * Names by which callers know functions: the method's own, or that in `@named('...')`. So functions of one name and other
 * parameters, as Solidity has them, are methods of different names here and in TypeScript, where one body takes a name.
 */

import type { Analysis } from './analyse.ts'
import { isConstructor } from './astNodes.ts'
import type { AstNode, MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import type { SourceFile } from './sources.ts'

const { NodeKind } = parser
/** The parser's number for a text among literals. */
const STRING_LITERAL = 2

export const NAMED = 'named'
/** As Solidity's grammar has names; what begins with two underscores is the build's. */
const NAME = /^(?!__)[A-Za-z_$][\w$]*$/
/** Marks of methods that callers reach by no name. */
const NAMELESS = ['receive', 'fallback']

/** The name in the ABI; the method's own where `@named` is wrong, which is told. */
export function callableName(analysis: Analysis, file: SourceFile, node: MethodNode): string {
  const own = node.name.text
  const decorator = node.decorators?.find(({ name }) => name.text === NAMED)
  if (decorator === undefined) return own
  const [text, ...more] = (decorator.args ?? []) as readonly (AstNode & { literalKind?: number; value?: string })[]
  const name =
    text !== undefined && text.kind === NodeKind['Literal'] && text.literalKind === STRING_LITERAL
      ? (text.value ?? '')
      : null
  if (name === null || more.length > 0) {
    analysis.report(file, decorator, "@named takes one text, the name that callers know: @named('transfer')")
    return own
  }
  if (NAME.test(name)) return name
  const rule = 'letters, digits, _ and $, no digit first and not two underscores'
  analysis.report(file, decorator, `'${name}' cannot be the name of a function: ${rule}`)
  return own
}

/** Refuses `@named` where callers have no name to call by. */
export function checkNamed(analysis: Analysis, file: SourceFile, node: MethodNode, marks: readonly string[]): void {
  const decorator = node.decorators?.find(({ name }) => name.text === NAMED)
  if (decorator === undefined) return
  const others = (node.decorators ?? []).map(({ name }) => name.text)
  const isNameless = isConstructor(node) || others.some((name) => NAMELESS.includes(name))
  if (!isNameless && others.some((name) => marks.includes(name))) return
  const what = isConstructor(node) ? 'the constructor' : node.name.text
  const why = isNameless ? 'is called by no name' : 'cannot be called from outside'
  const hint = isNameless ? 'leave it out' : `write @external (or @view, @pure, @payable) beside it`
  analysis.report(file, decorator, `@${NAMED} tells callers a name, and ${what} ${why}`, hint)
}
