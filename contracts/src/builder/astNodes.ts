/** Small questions about parsed nodes. */
import type { AstNode, ClassNode, FieldNode, MethodNode } from './compiler.ts'
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

/** Visits a node and everything below it. */
export function walk(node: AstNode, visit: (node: AstNode) => void): void {
  visit(node)
  for (const [key, value] of Object.entries(node)) {
    if (key === 'range' || key === 'implicitFieldDeclaration') continue
    if (isNode(value)) walk(value, visit)
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) walk(item, visit)
  }
}

/** The statements by which a function itself returns: not those of functions that it has in it. */
export function returnsIn(body: AstNode): ReadonlySet<AstNode> {
  const returns = new Set<AstNode>()
  const others = new Set<AstNode>()
  walk(body, (node) => {
    if (node.kind === NodeKind['Function'] || node.kind === NodeKind['FunctionDeclaration']) {
      walk(node, (inner) => others.add(inner))
    } else if (node.kind === NodeKind['Return'] && !others.has(node)) returns.add(node)
  })
  return returns
}

function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && 'kind' in value && 'range' in value
}
