/**
 * Constructors become methods of other names (a contract's object is made anew for every call), so what the compiler and
 * TypeScript ask of `super(...)` is asked here: a derived contract's constructor runs its base's once, first.
 */

import type { Analysis } from './analyse.ts'
import { textOf, walk } from './astNodes.ts'
import type { AstNode, CallNode, ClassNode, MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import type { Edit } from './edits.ts'
import { constructorName } from './generateContract.ts'
import { constructorOwner } from './inheritance.ts'
import type { ContractModel } from './model.ts'
import type { SourceFile } from './sources.ts'

const { NodeKind } = parser

/** Reports a `super(...)` that is missing, done twice, conditional or too late. */
export function checkConstructor(
  analysis: Analysis,
  file: SourceFile,
  node: ClassNode,
  base: ContractModel | null,
  method: MethodNode,
): void {
  if (method.body === null) return
  const calls = superCalls(method.body)
  const [call, ...more] = calls
  if (base === null) {
    for (const each of node.extendsType === null ? calls : []) {
      analysis.report(file, each, `${node.name.text} extends no contract, so there is no super to call`)
    }
    return
  }
  const owner = constructorOwner(base)
  const parameters = owner?.constructorModel?.parameters.map(({ name }) => name) ?? []
  const needed = `super(${parameters.join(', ')})`
  if (call === undefined) {
    analysis.report(file, method.name, `write ${needed} first: the constructor of ${base.name} runs once`)
    return
  }
  for (const each of more) analysis.report(file, each, `${needed} is called above already; a constructor runs once`)
  const statement = topLevel(method.body).find((each) => expressionOf(each) === call)
  if (statement === undefined) {
    analysis.report(
      file,
      call,
      `${needed} stands for itself at the top of the constructor, in no branch, loop or function`,
    )
    return
  }
  if (owner === null && call.args.length > 0) {
    analysis.report(file, call, `the constructor of ${base.name} takes nothing: write super()`)
  }
  walk(method.body, (each) => {
    if (each.range.start >= call.range.end) return
    if (each.kind === NodeKind['This'] || (each.kind === NodeKind['Super'] && each !== call.expression)) {
      analysis.report(file, each, `'${textOf(file, each)}' cannot be used before ${needed} has run`)
    } else if (each.kind === NodeKind['Return']) {
      analysis.report(file, each, `this return would leave out ${needed}`)
    }
  })
}

/** The constructor as a method of another name, its `super(...)` as a call of the base's. */
export function constructorEdits(contract: ContractModel, method: MethodNode): Edit[] {
  const { body, name } = method
  if (body === null) return []
  const edits: Edit[] = [
    { start: name.range.start, end: name.range.end, text: constructorName(contract) },
    { start: body.range.start, end: body.range.start, text: ': void ' },
  ]
  const owner = contract.base === null ? null : constructorOwner(contract.base)
  for (const call of superCalls(body)) {
    const { range } = call.expression
    if (owner === null) edits.push({ start: call.range.start, end: call.range.end, text: '' })
    else edits.push({ start: range.start, end: range.end, text: `this.${constructorName(owner)}` })
  }
  return edits
}

function superCalls(body: AstNode): readonly CallNode[] {
  const calls: CallNode[] = []
  walk(body, (node) => {
    if (node.kind !== NodeKind['Call']) return
    const call = node as CallNode
    if (call.expression.kind === NodeKind['Super']) calls.push(call)
  })
  return calls
}

function topLevel(body: AstNode): readonly AstNode[] {
  return (body as AstNode & { readonly statements?: readonly AstNode[] }).statements ?? []
}

function expressionOf(statement: AstNode): AstNode | null {
  if (statement.kind !== NodeKind['Expression']) return null
  return (statement as AstNode & { readonly expression: AstNode }).expression
}
