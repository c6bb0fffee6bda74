/** Events and errors that are made and go nowhere: `new Transfer(…)` alone would compile, and log nothing. */

import type { AstNode, ClassNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { SourceFile } from '../sources.ts'
import { entryOf } from './missing.ts'
import type { Tell } from './reporter.ts'
import { visitFile } from './tree.ts'

const { NodeKind } = parser

const USES: Readonly<Record<string, { readonly message: string; readonly hint: (made: string) => string }>> = {
  event: { message: 'this event is made and not emitted', hint: (made) => `write emit(${made})` },
  error: { message: 'this error is made and not thrown', hint: (made) => `write throw ${made}` },
}

/** Names of the classes of a file that are marked @event or @error, with the mark. */
export function recordClasses(file: SourceFile): readonly (readonly [string, string])[] {
  return classesOf(file).flatMap(({ name, decorators }) => {
    const mark = decorators?.find((decorator) => Object.hasOwn(USES, decorator.name.text))
    return mark === undefined ? [] : [[name.text, mark.name.text] as const]
  })
}

/** @param marks of the classes of all files; a class of the file's own, marked or not, goes before those of others */
export function checkDropped(
  file: SourceFile,
  declared: ReadonlySet<string>,
  marks: ReadonlyMap<string, string>,
  tell: Tell,
): void {
  const own = new Set(classesOf(file).map(({ name }) => name.text))
  const ownMarks = new Map(recordClasses(file))
  visitFile(file, (node) => {
    if (node.kind !== NodeKind['Expression']) return
    const { expression } = node as AstNode & { expression: AstNode }
    if (expression.kind !== NodeKind['New']) return
    const { typeName } = expression as AstNode & { typeName: AstNode & { identifier: { text: string } } }
    const name = typeName.identifier.text
    const mark = (own.has(name) ? ownMarks : marks).get(name)
    const use = mark !== undefined && declared.has(name) ? entryOf(USES, mark) : undefined
    if (use === undefined) return
    const { start, end } = expression.range
    const made = file.text.slice(start, end)
    tell(expression.range, { message: use.message, hint: use.hint(made.length <= 60 ? made : `new ${name}(…)`) })
  })
}

function classesOf(file: SourceFile): readonly ClassNode[] {
  return file.statements.filter(({ kind }) => kind === NodeKind['ClassDeclaration']) as ClassNode[]
}
