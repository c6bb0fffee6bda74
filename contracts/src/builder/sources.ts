/** The author's source files: the entry and everything it imports by a relative path, parsed. */

import type { AstNode, CompilerDiagnostic } from './compiler.ts'
import { parser } from './compiler.ts'
import { BuildError, positionAt } from './problem.ts'

/** How authors import the SDK. */
export const SDK_IMPORT = '@touchstone/contracts/as'

export interface SourceFile {
  /** Relative to the contract's directory, with `/` and the extension. */
  readonly path: string
  readonly text: string
  readonly statements: readonly AstNode[]
}

/** Reads a file relative to the contract's directory; null when there is none. */
export type ReadSource = (path: string) => string | null

/** AssemblyScript's code for a function without a body, which is what the methods of an interface class are. */
const MISSING_BODY = 2391

/** @throws BuildError for a missing file or a syntax error. */
export function loadSources(entry: string, read: ReadSource): readonly SourceFile[] {
  const program = parser.newProgram(parser.newOptions())
  const text = read(entry)
  if (text === null) throw new BuildError([{ file: entry, line: 1, column: 1, message: 'there is no such file' }])
  parser.parse(program, text, entry, true)
  for (let next = parser.nextFile(program); next !== null; next = parser.nextFile(program)) {
    if (next.startsWith('~lib/')) continue
    const path = read(`${next}.ts`) !== null ? `${next}.ts` : `${next}/index.ts`
    const imported = read(path)
    // A file that is missing is reported by the compiler, at the import.
    if (imported !== null) parser.parse(program, imported, path, false)
  }
  const errors = program.diagnostics.filter((d) => d.category === 3 && d.code !== MISSING_BODY)
  if (errors.length > 0) throw new BuildError(errors.map((d) => problemOf(d, entry)))
  return program.sources
    .filter((source) => !source.normalizedPath.startsWith('~lib/'))
    .map((source) => ({ path: source.normalizedPath, text: source.text, statements: source.statements }))
}

/** A compiler's message as a problem at its place. */
export function problemOf(diagnostic: CompilerDiagnostic, fallbackFile: string) {
  const { range, message, code } = diagnostic
  if (range === null) return { file: fallbackFile, line: 1, column: 1, message: `${message} (AS${code})` }
  const { line, column } = positionAt(range.source.text, range.start)
  return { file: range.source.normalizedPath, line, column, message: `${message} (AS${code})` }
}
