/** An author's file as a tree of nodes: visits, the names it declares and those it uses. */

import type { AstNode, IdentifierNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { SourceFile } from '../sources.ts'

const { NodeKind } = parser

/**
 * `parents` is the path from the statement of the file, outermost first; it changes afterwards. `key` is the node's in
 * the last of them.
 */
export type Visit = (node: AstNode, parents: readonly AstNode[], key: string) => void

/** A place where a name stands for a value or a type. */
export interface Use {
  readonly name: string
  readonly node: AstNode
  readonly what: 'value' | 'type'
  /** Outermost first. */
  readonly parents: readonly AstNode[]
}

/** Keys under which an identifier does not stand for something that was declared elsewhere. */
const NO_USE: ReadonlySet<string> = new Set([
  'name',
  'names',
  'property',
  'label',
  'localName',
  'exportedName',
  'foreignName',
  'namespaceName',
  'externalName',
  'elementNames',
  'identifier',
  'catchVariable',
])

/** Kinds whose `name` the rest of a file, or a part of it, can use. */
export const DECLARING: ReadonlySet<number | undefined> = new Set([
  NodeKind['ClassDeclaration'],
  NodeKind['EnumDeclaration'],
  NodeKind['FunctionDeclaration'],
  NodeKind['ImportDeclaration'],
  NodeKind['InterfaceDeclaration'],
  NodeKind['NamespaceDeclaration'],
  NodeKind['TypeDeclaration'],
  NodeKind['VariableDeclaration'],
  NodeKind['Parameter'],
  NodeKind['TypeParameter'],
])

/** Visits every node of a file. */
export function visitFile(file: SourceFile, visit: Visit): void {
  for (const statement of file.statements) visitNode(statement, [], '', visit)
}

function visitNode(node: AstNode, parents: AstNode[], key: string, visit: Visit): void {
  visit(node, parents, key)
  parents.push(node)
  for (const [name, value] of Object.entries(node)) {
    if (name === 'range' || name === 'implicitFieldDeclaration') continue
    if (isNode(value)) visitNode(value, parents, name, visit)
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) visitNode(item, parents, name, visit)
  }
  parents.pop()
}

/** Every name that a file declares anywhere: what it imports, its classes, functions, variables, parameters. */
export function declaredNames(file: SourceFile): ReadonlySet<string> {
  const names = new Set<string>()
  visitFile(file, (node) => {
    if (DECLARING.has(node.kind)) names.add((node as AstNode & { name: IdentifierNode }).name.text)
    const { namespaceName, catchVariable } = node as AstNode & {
      namespaceName?: IdentifierNode | null
      catchVariable?: IdentifierNode | null
    }
    for (const name of [namespaceName, catchVariable]) if (name) names.add(name.text)
  })
  return names
}

export function usesOf(file: SourceFile): readonly Use[] {
  const uses: Use[] = []
  visitFile(file, (node, parents, key) => {
    if (node.kind === NodeKind['TypeName'] && key !== 'next') {
      const { identifier } = node as AstNode & { identifier: IdentifierNode }
      const what = key === 'typeName' ? 'value' : 'type'
      uses.push({ name: identifier.text, node: identifier, what, parents: [...parents] })
    } else if (node.kind === NodeKind['Identifier'] && !NO_USE.has(key)) {
      uses.push({ name: (node as IdentifierNode).text, node, what: 'value', parents: [...parents] })
    }
  })
  return uses
}

function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && 'kind' in value && 'range' in value
}
