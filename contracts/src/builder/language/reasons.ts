/**
 * Texts of failures that the source says in full: `revert('why')`, `require(ok, 'why')`, `throw new Error('why')`, the
 * SDK's own. They are in the module as they leave it, in UTF-8: half as long as a string's, and a contract without other
 * strings has no code for strings. Nor does it have the names of files, which the compiler gives to every abort.
 */

import { type Call, type Compiler, internals, type Node, numberOf, type Replacement } from '../internals.ts'
import { REVERT_END, REVERT_METHOD } from '../throws.ts'
import { around, classOf, type Hook, memberOf, sdkFunction } from './hooks.ts'
import { asProperty, bare, KIND } from './nodes.ts'
import { REASONS } from './sdkNames.ts'

const STRING_LITERAL = numberOf(internals.LiteralKind, 'String')
const { Type: Types, TypeRef } = internals

export const REASON_RULES: readonly Replacement[] = [
  around('compileCallDirect', (hook, original, instance, args, at, ...rest) => {
    const name = instance.prototype.internalName
    const [first, second] = args
    if (name === REASONS.revert && args.length === 1) {
      const text = textIn(first!)
      if (text !== null) return original(sdkFunction(hook, REASONS.revertText), placed(hook, text, first!), at, ...rest)
    } else if (name === REASONS.require && args.length === 2) {
      const text = textIn(second!)
      if (text === null) return original(instance, args, at, ...rest)
      return original(sdkFunction(hook, REASONS.requireText), [first!, ...placed(hook, text, second!)], at, ...rest)
    }
    return original(instance, args, at, ...rest)
  }),
  around('makeAbort', (hook, original, message, at) => {
    if (message === null) return original(message, at)
    const { compiler } = hook
    if (neverReturns(hook, message)) {
      return ending(compiler, compiler.module.drop(compiler.compileExpression(message, Types.auto)))
    }
    const text = textIn(message)
    if (text === null) return original(message, at)
    const call = compiler.compileCallDirect(sdkFunction(hook, REASONS.revertText), placed(hook, text, message), at)
    return ending(compiler, call)
  }),
  around('makeStaticAbort', (hook, _original, message) => {
    const { compiler } = hook
    const { module } = compiler
    const abort = sdkFunction(hook, REASONS.onAbort)
    compiler.compileFunction(abort)
    const operands = [message, module.i32(0), module.i32(0), module.i32(0)]
    return ending(compiler, module.call(abort.internalName, operands, TypeRef.None))
  }),
]

/** Whether it is what stands for a `throw` of errors with data of their own (`throws.ts`), each of which ends the call. */
function neverReturns(hook: Hook, node: Node): boolean {
  const message = bare(node)
  if (message.kind === KIND.ternary) {
    const { ifThen, ifElse } = message as Node & { ifThen: Node; ifElse: Node }
    return neverReturns(hook, ifThen) && neverReturns(hook, ifElse)
  }
  const method = message.kind === KIND.call ? asProperty((message as Call).expression) : null
  if (method === null || method.property.text !== REVERT_METHOD) return false
  const of = classOf(hook, method.expression)
  const revert = of === null ? null : memberOf(of, REVERT_METHOD)
  if (revert === null) return false
  // Another one, such as that of the language's Error, gives a text.
  const { start, end, source } = revert.declaration.range
  return source.text.slice(start, end).endsWith(REVERT_END)
}

function ending({ module }: Compiler, call: number): number {
  return module.block(null, [call, module.unreachable()], TypeRef.Unreachable)
}

/** The text that a literal is; null for any other expression. */
function textIn(node: Node): string | null {
  if (node.kind !== KIND.literal) return null
  const literal = node as Node & { literalKind: number; value: string }
  return literal.literalKind === STRING_LITERAL ? literal.value : null
}

/** Where a text is in the module, each once, and its length in bytes. */
function placed({ compiler, session }: Hook, text: string, at: Node): Node[] {
  const bytes = new TextEncoder().encode(text)
  let place = session.texts.get(text)
  if (place === undefined) {
    place = compiler.addAlignedMemorySegment(bytes, 1).offset.low
    session.texts.set(text, place)
  }
  const { module } = compiler
  return [place, bytes.length].map((value) =>
    internals.Node.createCompiledExpression(module.i32(value), Types.i32, at.range),
  )
}
