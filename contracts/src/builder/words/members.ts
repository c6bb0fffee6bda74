/** The members that a name offers after the dot: members of the author's classes and of the SDK's, for "did you mean". */

import type { ClassNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { SourceFile } from '../sources.ts'

const { NodeKind } = parser

/** Names of the members of a class, its bases' included; empty for a class that nobody knows. */
export function membersOf(
  name: string,
  files: readonly SourceFile[],
  sdk: ReadonlyMap<string, string>,
): readonly string[] {
  const names: string[] = []
  const seen = new Set<string>()
  for (let next: string | undefined = name; next !== undefined && !seen.has(next); ) {
    seen.add(next)
    const node = authorsClass(next, files)
    if (node === undefined) return [...names, ...sdkMembers(next, sdk)]
    names.push(
      ...node.members.map((member) => member.name?.text ?? '').filter((text) => text !== '' && text !== 'constructor'),
    )
    next = node.extendsType?.name?.identifier.text
  }
  return names
}

/** The fields of a class as its made constructor takes them: `a: U256, b: Address`. */
export function fieldList(name: string, files: readonly SourceFile[]): string | null {
  for (const file of files) {
    const node = file.statements.find((s) => isClass(s as ClassNode, name)) as ClassNode | undefined
    if (node === undefined) continue
    const fields = node.members.filter((member) => member.kind === NodeKind['FieldDeclaration'])
    return fields
      .map((field) => {
        const type = 'type' in field && field.type !== null ? field.type.range : null
        return `${field.name.text}: ${type === null ? '?' : file.text.slice(type.start, type.end)}`
      })
      .join(', ')
  }
  return null
}

function authorsClass(name: string, files: readonly SourceFile[]): ClassNode | undefined {
  for (const file of files) {
    const node = file.statements.find((statement) => isClass(statement as ClassNode, name))
    if (node !== undefined) return node as ClassNode
  }
  return undefined
}

function isClass(node: ClassNode, name: string): boolean {
  return node.kind === NodeKind['ClassDeclaration'] && node.name.text === name
}

function sdkMembers(name: string, sdk: ReadonlyMap<string, string>): readonly string[] {
  for (const text of sdk.values()) {
    const begin = new RegExp(`^export (?:abstract )?class ${name}\\b`, 'm').exec(text)
    if (begin === null) continue
    const body = text.slice(begin.index, text.indexOf('\n}', begin.index))
    return [...body.matchAll(/^ {2}(?:static )?(?:get |set )?(\w+)\s*[(<]/gm)]
      .map((match) => match[1] as string)
      .filter((member) => !member.startsWith('__') && member !== 'constructor')
  }
  return []
}
