/**
 * The author's files as the compiler gets them: decorators taken out, storage fields turned into accessors, and what
 * the decorators stand for added at the end of their classes. No line moves.
 */

import { isConstructor, walk } from './astNodes.ts'
import { METHOD_DECORATORS } from './checkContract.ts'
import type { AstNode, DecoratorNode, IdentifierNode, MethodNode } from './compiler.ts'
import { parser } from './compiler.ts'
import { applyEdits, type Edit } from './edits.ts'
import {
  constructorName,
  constructorOwner,
  contractMembers,
  fieldAccessors,
  remoteBody,
  remoteMembers,
} from './generateContract.ts'
import { recordMembers, storedClassOf } from './generateRecord.ts'
import type { ContractModel, Declared, InterfaceModel, ProgramModel } from './model.ts'
import { SDK_IMPORT, type SourceFile } from './sources.ts'

const { NodeKind } = parser

/** The rewritten text of each file, by path. */
export function rewrite(program: ProgramModel): ReadonlyMap<string, string> {
  const errors = new Set(program.records.filter((r) => r.kind === 'error').map((r) => r.name))
  const texts = new Map<string, string>()
  for (const file of program.files) {
    const edits: Edit[] = [{ start: 0, end: 0, text: `import * as __ts from '${SDK_IMPORT}/runtime'; ` }]
    for (const record of program.records) {
      if (record.file !== file) continue
      edits.push(...withoutDecorators(record.node.decorators), atEnd(record, recordMembers(record)))
      edits.push(insert(record.node.range.end, storedClassOf(record)))
    }
    for (const contract of program.contracts) if (contract.file === file) edits.push(...contractEdits(contract))
    for (const model of program.interfaces) if (model.file === file) edits.push(...interfaceEdits(model))
    for (const statement of file.statements) edits.push(...throwEdits(statement, errors))
    texts.set(file.path, applyEdits(file.text, edits))
  }
  return texts
}

function contractEdits(contract: ContractModel): Edit[] {
  const { node, file } = contract
  const edits = withoutDecorators(node.decorators)
  for (const field of contract.fields) {
    const { range, initializer } = field.node
    const text = fieldAccessors(field, initializer === null ? null : oneLine(file, initializer))
    edits.push({ start: range.start, end: range.end, text })
  }
  for (const member of node.members) {
    if (member.kind !== NodeKind['MethodDeclaration']) continue
    const method = member as MethodNode
    edits.push(...withoutDecorators((method.decorators ?? []).filter((d) => METHOD_DECORATORS.includes(d.name.text))))
    if (isConstructor(method)) edits.push(...constructorEdits(contract, method))
  }
  edits.push(atEnd(contract, contractMembers(contract)))
  return edits
}

/** A constructor becomes a method of another name: the class itself is made anew for every call. */
function constructorEdits(contract: ContractModel, method: MethodNode): Edit[] {
  const { body, name } = method
  if (body === null) return []
  const edits: Edit[] = [
    { start: name.range.start, end: name.range.end, text: constructorName(contract) },
    { start: body.range.start, end: body.range.start, text: ': void ' },
  ]
  const owner = contract.base === null ? null : constructorOwner(contract.base)
  walk(body, (node) => {
    if (node.kind !== NodeKind['Call']) return
    const callee = (node as AstNode & { expression: AstNode }).expression
    if (callee.kind !== NodeKind['Super']) return
    if (owner === null) edits.push({ start: node.range.start, end: node.range.end, text: '' })
    else edits.push({ start: callee.range.start, end: callee.range.end, text: `this.${constructorName(owner)}` })
  })
  return edits
}

function interfaceEdits(model: InterfaceModel): Edit[] {
  const { node } = model
  const edits = withoutDecorators(node.decorators)
  if (!model.extendsOther) edits.push(insert(node.name.range.end, ' extends __ts.RemoteContract'))
  for (const member of model.functions) {
    const method = member.node as MethodNode
    edits.push(...withoutDecorators(method.decorators), insert(method.range.end, remoteBody(member)))
  }
  edits.push(atEnd(model, remoteMembers(model.name)))
  return edits
}

/** `throw new E(...)` with E marked @error reverts with E's data. */
function throwEdits(statement: AstNode, errors: ReadonlySet<string>): Edit[] {
  const edits: Edit[] = []
  walk(statement, (node) => {
    if (node.kind !== NodeKind['Throw']) return
    const { value } = node as AstNode & { value: AstNode }
    if (value.kind !== NodeKind['New']) return
    const { typeName } = value as AstNode & { typeName: { identifier: IdentifierNode } }
    if (!errors.has(typeName.identifier.text)) return
    edits.push(insert(value.range.start, 'new Error(__ts.raise('), insert(value.range.end, '))'))
  })
  return edits
}

function withoutDecorators(decorators: readonly DecoratorNode[] | null): Edit[] {
  return (decorators ?? []).map(({ range }) => ({ start: range.start, end: range.end, text: '' }))
}

function atEnd(declared: Declared, text: string): Edit {
  return insert(declared.node.range.end - 1, text)
}

function insert(at: number, text: string): Edit {
  return { start: at, end: at, text }
}

/** An expression's text on one line; the lines it had are added after the field it belongs to. */
function oneLine(file: SourceFile, node: AstNode): string {
  return file.text.slice(node.range.start, node.range.end).replace(/\s*\n\s*/g, ' ')
}
