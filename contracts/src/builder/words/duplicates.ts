/** Names that stand for two things: overloads, fields and functions of one name, classes of one name. */

import type { AstNode, ClassNode, FieldNode, IdentifierNode, MethodNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import { positionAt } from '../problem.ts'
import type { SourceFile } from '../sources.ts'
import type { Tell } from './reporter.ts'
import { importsOf } from './sdkNames.ts'
import { visitFile } from './tree.ts'

const { NodeKind, CommonFlags } = parser

type Member = FieldNode | MethodNode

const TOP_LEVEL: Readonly<Record<number, string>> = {
  [NodeKind['ClassDeclaration'] as number]: 'class',
  [NodeKind['InterfaceDeclaration'] as number]: 'interface',
  [NodeKind['FunctionDeclaration'] as number]: 'function',
  [NodeKind['EnumDeclaration'] as number]: 'enum',
}

export function checkDuplicates(file: SourceFile, tell: Tell): void {
  const known = new Map<string, { readonly what: string; readonly at: AstNode }>()
  for (const { declarations } of importsOf(file)) {
    for (const { name } of declarations ?? []) {
      tellTwice(file, known.get(name.text), 'import', name, tell)
      known.set(name.text, { what: 'import', at: name })
    }
  }
  for (const statement of file.statements) {
    const what = TOP_LEVEL[statement.kind]
    if (what === undefined) continue
    const { name } = statement as AstNode & { name: IdentifierNode }
    tellTwice(file, known.get(name.text), what, name, tell)
    known.set(name.text, { what, at: name })
  }
  visitFile(file, (node) => {
    if (node.kind === NodeKind['ClassDeclaration']) checkMembers(file, node as ClassNode, tell)
  })
}

function checkMembers(file: SourceFile, node: ClassNode, tell: Tell): void {
  const known = new Map<string, Member[]>()
  for (const member of node.members as readonly Member[]) {
    if (member.kind !== NodeKind['FieldDeclaration'] && member.kind !== NodeKind['MethodDeclaration']) continue
    const name = member.name.text
    const others = known.get(name) ?? []
    known.set(name, [...others, member])
    const [first] = others.filter((other) => clashes(other, member))
    if (first === undefined) continue
    const { line } = positionAt(file.text, first.name.range.start)
    if (isCallable(first) && isCallable(member)) {
      const what = has(member, 'Constructor') ? 'the constructor' : name
      tell(member.name.range, {
        message: `overloading is not there: ${what} is declared in line ${line} already`,
        hint: has(member, 'Constructor') ? 'keep one' : 'rename one of them: each name is one function',
      })
    } else {
      tell(member.name.range, { message: `${name} is declared in line ${line} already`, hint: 'rename one of them' })
    }
  }
}

/** A getter and its setter share a name, and so do a static member and one of the instance. */
function clashes(a: Member, b: Member): boolean {
  if (has(a, 'Static') !== has(b, 'Static')) return false
  const accessors = (has(a, 'Get') && has(b, 'Set')) || (has(a, 'Set') && has(b, 'Get'))
  return !accessors
}

function isCallable(member: Member): boolean {
  return member.kind === NodeKind['MethodDeclaration'] && !has(member, 'Get') && !has(member, 'Set')
}

function has(member: Member, flag: string): boolean {
  return (member.flags & (CommonFlags[flag] as number)) !== 0
}

function tellTwice(
  file: SourceFile,
  first: { readonly what: string; readonly at: AstNode } | undefined,
  what: string,
  name: IdentifierNode,
  tell: Tell,
): void {
  if (first === undefined) return
  const { line } = positionAt(file.text, first.at.range.start)
  const before = first.what === 'import' ? 'is imported' : `is the name of a ${first.what}`
  const hint =
    what === 'function' && first.what === 'function' ? 'overloading is not there: rename one' : 'rename one of them'
  tell(name.range, { message: `${name.text} ${before} in line ${line} already`, hint })
}
