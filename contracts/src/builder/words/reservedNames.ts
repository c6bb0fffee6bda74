/** Names that are the build's: what it adds to a contract begins with two underscores, so that it meets no author's name. */

import type { AstNode, ClassNode, IdentifierNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import { isPart, type SourceFile } from '../sources.ts'
import type { Tell } from './reporter.ts'
import { DECLARING, visitFile } from './tree.ts'

const { NodeKind } = parser

/** Begins the names that authors do not declare, and members that they do not use. */
export const RESERVED = '__'

const MEMBERS: ReadonlySet<number | undefined> = new Set([
  NodeKind['FieldDeclaration'],
  NodeKind['MethodDeclaration'],
  NodeKind['EnumValueDeclaration'],
])

export function checkReservedNames(file: SourceFile, tell: Tell): void {
  if (isPart(file.path)) return
  const check = (name: IdentifierNode | null | undefined, foreign?: IdentifierNode) => {
    if (!name?.text.startsWith(RESERVED)) return
    const bare = name.text.replace(/^_+/, '')
    const plain = /^\d|^$/.test(bare) ? `_${bare}` : bare
    const hint = foreign === undefined ? `write _${bare}` : `write import { ${foreign.text} as ${plain} }`
    tell(name.range, { message: `names that begin with ${RESERVED} are the build's: ${name.text}`, hint })
  }
  visitFile(file, (node, parents) => {
    const { name, namespaceName, catchVariable, foreignName } = node as AstNode &
      Readonly<Record<string, IdentifierNode>>
    if (DECLARING.has(node.kind) || (MEMBERS.has(node.kind) && isAddedTo(parents.at(-1)))) check(name, foreignName)
    check(namespaceName)
    check(catchVariable)
  })
}

/** Whether the build may give it members of its own: a class without a decorator stays as its author wrote it. */
function isAddedTo(owner: AstNode | undefined): boolean {
  if (owner?.kind !== NodeKind['ClassDeclaration']) return true
  return ((owner as ClassNode).decorators ?? []).length > 0
}
