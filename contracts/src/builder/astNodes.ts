/** Small questions about parsed nodes. */
import type { AstNode, ClassNode, FieldNode, MethodNode, TypeNode } from './compiler.ts'
import { parser } from './compiler.ts'
import type { SourceFile } from './sources.ts'

const { NodeKind, CommonFlags } = parser

export function isConstructor(method: MethodNode): boolean {
  return (method.flags & (CommonFlags['Constructor'] as number)) !== 0
}

export function isStatic(member: FieldNode | MethodNode): boolean {
  return (member.flags & (CommonFlags['Static'] as number)) !== 0
}

/** Instance fields, those of parameter properties included. */
export function fieldsOf(node: ClassNode): readonly FieldNode[] {
  return node.members.filter(
    (m): m is FieldNode => m.kind === NodeKind['FieldDeclaration'] && !isStatic(m as FieldNode),
  )
}

export function textOf(file: SourceFile, node: AstNode): string {
  return file.text.slice(node.range.start, node.range.end)
}

export function isOmitted(type: TypeNode): boolean {
  return type.range.start === type.range.end
}
