/**
 * `throw` of anything that is an error. The compiler knows `throw new Error(text)` only and takes the first argument of
 * whatever is made there for its text, so every other error becomes that: its method `__revert` ends the call with
 * the error's own data, or gives the text of the language's `Error`.
 */

import type { Analysis } from './analyse.ts'
import { walk } from './astNodes.ts'
import type { AstNode, NewNode, TernaryNode, ThrowNode } from './compiler.ts'
import { parser } from './compiler.ts'
import type { Edit } from './edits.ts'
import type { Names } from './names.ts'
import type { SourceFile } from './sources.ts'

const { NodeKind } = parser

/** AssemblyScript's own, all of which take a text. */
const TEXT_ERRORS = ['Error', 'RangeError', 'TypeError', 'SyntaxError', 'URIError']

/** Of an error: ends the call with its data; of the language's `Error` it gives the text. */
export const REVERT_METHOD = '__revert'
/** The end of that of a class marked @error. The text never comes. */
export const REVERT_END = '__ts.revertRaw(at, size); return changetype<string>(0); }'
const REVERT = `${REVERT_METHOD}()`

/** Reports what is thrown and is no error for certain. The compiler finds a value that only has the wrong type. */
export function checkThrows(analysis: Analysis, file: SourceFile): void {
  for (const thrown of thrownIn(file)) {
    for (const value of branches(thrown)) {
      if (value.kind !== NodeKind['Literal']) continue
      const text = file.text.slice(value.range.start, value.range.end)
      const instead = /^["'`]/.test(text) ? `throw new Error(${text})` : 'throw new Error(...) or new E(...)'
      analysis.report(file, value, `only errors can be thrown: write ${instead}, with E a class marked @error`)
    }
  }
}

export function throwEdits(file: SourceFile, names: Names): Edit[] {
  const edits: Edit[] = []
  for (const thrown of thrownIn(file)) {
    if (isTextError(thrown, file, names)) continue
    edits.push(insert(thrown.range.start, 'new Error('))
    for (const { range } of branches(thrown)) {
      edits.push(insert(range.start, '('), insert(range.end, `).${REVERT}`))
    }
    edits.push(insert(thrown.range.end, ')'))
  }
  return edits
}

/** The compiler's message about the call that stands for a `throw` of something else, in the words of who wrote `throw`. */
export function notAnError(message: string): string | null {
  const type = /^Property '__revert' does not exist on type '(.*)'\.$/.exec(message)?.[1]
  return type === undefined ? null : `throw takes an error, a class marked @error or Error, and no '${type}'`
}

/** The library's `error.ts` with what `throwEdits` calls. */
export function errorLibrary(text: string): string {
  if (text.includes(REVERT)) return text
  return text.replace('export class Error {', `export class Error { ${REVERT}: string { return this.message; }`)
}

/** The values of all `throw` statements of a file. */
function thrownIn(file: SourceFile): readonly AstNode[] {
  const values: AstNode[] = []
  for (const statement of file.statements) {
    walk(statement, (node) => {
      if (node.kind === NodeKind['Throw']) values.push((node as ThrowNode).value)
    })
  }
  return values
}

/** The expressions that a value can come from, each of which may have a type of its own: `c ? a : b` is a or b. */
function branches(value: AstNode): readonly AstNode[] {
  if (value.kind === NodeKind['Ternary']) {
    const { ifThen, ifElse } = value as TernaryNode
    return [...branches(ifThen), ...branches(ifElse)]
  }
  if (value.kind === NodeKind['Parenthesized']) return branches((value as AstNode & { expression: AstNode }).expression)
  return [value]
}

function isTextError(value: AstNode, file: SourceFile, names: Names): boolean {
  if (value.kind !== NodeKind['New']) return false
  const meaning = names.meaning(names.scope(file), (value as NewNode).typeName)
  return meaning.kind === 'known' && TEXT_ERRORS.includes(meaning.name)
}

function insert(at: number, text: string): Edit {
  return { start: at, end: at, text }
}
