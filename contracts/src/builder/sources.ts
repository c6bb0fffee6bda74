/** The author's source files: the entry and everything it imports by a relative path, parsed. */

import type { AstNode, CompilerDiagnostic } from './compiler.ts'
import { asc, parser } from './compiler.ts'
import { BuildError, type Problem, positionAt } from './problem.ts'
import { shortName } from './shortNames.ts'

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
const FILE_NOT_FOUND = 6054

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
  if (errors.length > 0) {
    const files = program.sources.map(({ normalizedPath: path, text }) => ({ path, text }))
    throw new BuildError(errors.map((d) => problemOf(d, files, () => null)))
  }
  return program.sources
    .filter((source) => !source.normalizedPath.startsWith('~lib/'))
    .map((source) => ({ path: source.normalizedPath, text: source.text, statements: source.statements }))
}

/**
 * A compiler's message as a problem at its place. `compiled` gives the text the compiler had: the author's, or a rewritten
 * one, in which every line is where it was but some have other text; then the column is that of the same words.
 */
export function problemOf(
  diagnostic: CompilerDiagnostic,
  files: readonly Pick<SourceFile, 'path' | 'text'>[],
  compiled: ReadSource,
): Problem {
  const { range, code } = diagnostic
  // Types come as paths; people know them by their names.
  const text = code === FILE_NOT_FOUND ? diagnostic.message : shortName(diagnostic.message)
  const message = `${text} (AS${code})`
  const path = range?.source.normalizedPath ?? files[0]?.path ?? ''
  const file = files.find((candidate) => candidate.path === path) ?? { path, text: libraryText(path) }
  if (range === null) return { file: path, line: 1, column: 1, message }
  const source = compiled(file.path) ?? file.text
  const place = positionAt(source, range.start)
  const words = source.slice(range.start, range.end).split('\n')[0] as string
  const authorLine = file.text.split('\n')[place.line - 1] ?? ''
  const column = source === file.text ? place.column : authorLine.indexOf(words) + 1
  return { file: file.path, line: place.line, column: Math.max(1, column), message }
}

function libraryText(path: string): string {
  const name = path.replace(/^~lib\//, '').replace(/\.ts$/, '')
  return asc.libraryFiles[name] ?? asc.libraryFiles[`${name}/index`] ?? ''
}
