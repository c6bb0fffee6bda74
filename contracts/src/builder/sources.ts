/** The author's source files: the entry and everything it imports by a relative path, parsed. */

import type { AstNode, CompilerDiagnostic } from './compiler.ts'
import { parser } from './compiler.ts'
import { checkImport, checkPackages, importedFile, isInPackage, type PackageSource } from './packages.ts'
import { BuildError, type Problem, positionAt } from './problem.ts'
import { shortName } from './shortNames.ts'
import { notAnError } from './throws.ts'
import { alignedPlace } from './words/align.ts'
import type { Words } from './words/reporter.ts'
import { syntaxPlace, syntaxWords } from './words/syntaxWords.ts'

/** How authors import the SDK. */
export const SDK_IMPORT = '@touchstone/contracts/as'
/** Folder of the SDK with contracts to inherit from: sources like the author's, which the build rewrites as those. */
export const PARTS = 'parts/'
const PARTS_PATH = `~lib/${SDK_IMPORT}/${PARTS}`

export interface SourceFile {
  /** Relative to the contract's directory, with `/` and the extension. */
  readonly path: string
  readonly text: string
  readonly statements: readonly AstNode[]
}

/** Reads a file relative to the contract's directory; null when there is none. */
export type ReadSource = (path: string) => string | null

/** A message of the compiler at the author's place, before it is put in words. */
export interface CompilerProblem extends Problem {
  readonly compiler: {
    readonly code: number
    /** Types by their names, without the code. */
    readonly text: string
    /** The author's text at the place. */
    readonly written: string
    /** Whether the place is in code that the build made, or in a library: then `line` and `column` are only near. */
    readonly isGenerated: boolean
  }
}

/** AssemblyScript's code for a function without a body, which is what the methods of an interface class are. */
const MISSING_BODY = 2391
const FILE_NOT_FOUND = 6054
/** The code of what the build itself finds (`language/`): its messages have none. */
export const OWN_CODE = 0
const ERROR = 3
/** Brackets and commas in the compiler's names of the types of functions. */
const ESCAPED = /%2[89C]/g

/** Whether a path of a source, or of an import, is that of a part. */
export function isPart(path: string): boolean {
  return path.startsWith(PARTS_PATH)
}

/** The name of a part, or of any library file, among the compiler's own: no root, no ending. */
export function libraryName(path: string): string {
  return path.replace(/^~lib\//, '').replace(/\.ts$/, '')
}

/**
 * @param sdk the SDK's files by path
 * @param packages gets the files of npm packages that they import
 * @throws BuildError for a missing file or a syntax error, and for a package that is none for contracts.
 */
export function loadSources(
  entry: string,
  read: ReadSource,
  sdk: ReadonlyMap<string, string> = new Map(),
  packages: PackageSource[] = [],
): readonly SourceFile[] {
  const program = parser.newProgram(parser.newOptions())
  const text = read(entry)
  if (text === null) throw new BuildError([{ file: entry, line: 1, column: 1, message: 'there is no such file' }])
  parser.parse(program, text, entry, true)
  for (let next = parser.nextFile(program); next !== null; next = parser.nextFile(program)) {
    if (isPart(next)) {
      // One that is not there is told at its import.
      const part = sdk.get(libraryName(next).slice(SDK_IMPORT.length + 1))
      if (part !== undefined) parser.parse(program, part, `${next}.ts`, false)
    } else if (isInPackage(next)) {
      const file = importedFile(next, read)
      if (file !== null) parser.parse(program, file.text, file.path, false)
    }
    checkImport(next, parser.getDependee(program, next))
    if (next.startsWith('~lib/')) continue
    const path = read(`${next}.ts`) !== null ? `${next}.ts` : `${next}/index.ts`
    const imported = read(path)
    // A file that is missing is reported at the import.
    if (imported !== null) parser.parse(program, imported, path, false)
  }
  const files = program.sources
    .filter(({ normalizedPath: path }) => !path.startsWith('~lib/') || isPart(path))
    .map((source) => ({ path: source.normalizedPath, text: source.text, statements: source.statements }))
  packages.push(
    ...program.sources
      .filter(({ normalizedPath: path }) => isInPackage(path))
      .map(({ normalizedPath: path, text, statements }) => ({ path, text, statements })),
  )
  checkPackages(packages)
  const errors = program.diagnostics.filter((d) => d.category === ERROR && d.code !== MISSING_BODY)
  if (errors.length > 0) throw new BuildError(syntaxProblems(errors, [...files, ...packages]))
  return files
}

/** One for each mistake: what the parser says after it has lost its way is left out. */
function syntaxProblems(errors: readonly CompilerDiagnostic[], files: readonly SourceFile[]): readonly Problem[] {
  const problems: Problem[] = []
  for (const { code, range, message } of errors) {
    const path = range?.source.normalizedPath ?? files[0]?.path ?? ''
    const text = files.find((file) => file.path === path)?.text ?? ''
    const words = range === null ? null : syntaxWords(code, text, range)
    const at = words?.at ?? (range === null ? { start: 0, end: 0 } : syntaxPlace(code, text, range))
    const place = { file: path, ...positionAt(text, at.start), length: Math.max(1, at.end - at.start) }
    const before = problems.filter(({ file }) => file === path)
    const isEcho = words === null || words.isEcho ? before.length > 0 : before.some(({ line }) => line === place.line)
    if (isEcho) continue
    if (words === null) problems.push({ ...place, message: `${message} (AS${code})` })
    else problems.push({ ...place, message: words.message, ...(words.hint === undefined ? {} : { hint: words.hint }) })
  }
  return problems
}

/**
 * A compiler's message as a problem at its place. `compiled` gives the text the compiler had: the author's, or a rewritten
 * one, in which every line is where it was but some have other text. A mistake in a library is told where the author's
 * code `asked` for that part of it.
 */
export function problemOf(
  diagnostic: CompilerDiagnostic,
  files: readonly Pick<SourceFile, 'path' | 'text'>[],
  compiled: ReadSource,
  asked: CompilerDiagnostic['range'] = null,
): CompilerProblem | Problem {
  const { range, code } = diagnostic
  // Types come as paths; people know them by their names.
  const text =
    code === FILE_NOT_FOUND ? diagnostic.message : shortName(diagnostic.message).replace(ESCAPED, decodeURIComponent)
  const message = `${text} (AS${code})`
  const file = files.find(({ path }) => path === range?.source.normalizedPath)
  if (range === null || file === undefined) {
    if (asked !== null && files.some(({ path }) => path === asked.source.normalizedPath)) {
      return foundInLibrary(diagnostic, text, problemOf({ ...diagnostic, range: asked }, files, compiled), files)
    }
    const where = range === null ? '' : ` in ${range.source.normalizedPath}`
    const compiler = { code, text: `${text}${where}`, written: '', isGenerated: true }
    return { file: files[0]?.path ?? '', line: 1, column: 1, message: `${message}${where}`, compiler }
  }
  const source = compiled(file.path) ?? file.text
  const { line, column } = positionAt(source, range.start)
  const compiledLine = source.split('\n')[line - 1] ?? ''
  const authorLine = file.text.split('\n')[line - 1] ?? ''
  const thrown = notAnError(text)
  if (thrown !== null) {
    // The compiler names the call that stands for the statement.
    return { file: file.path, line, column: authorLine.indexOf('throw') + 1, length: 'throw'.length, message: thrown }
  }
  const end = Math.min(column - 1 + range.end - range.start, compiledLine.length)
  const place = alignedPlace(authorLine, compiledLine, column - 1, end)
  const near = authorLine.search(/\S/)
  const at = place ?? { start: Math.max(0, near), end: Math.max(0, near) + 1 }
  const written = place === null ? '' : authorLine.slice(at.start, at.end)
  const own = { file: file.path, line, column: at.start + 1, length: Math.max(1, at.end - at.start) }
  if (code === OWN_CODE) return { ...own, message: text }
  return {
    ...own,
    message,
    compiler: { code, text, written, isGenerated: place === null },
  }
}

/** The author's line, with the file of the SDK or the standard library that cannot do with it. */
function foundInLibrary(
  { code, range }: CompilerDiagnostic,
  text: string,
  at: Problem,
  files: readonly Pick<SourceFile, 'text'>[],
): CompilerProblem {
  const { file, line, column, length = 1 } = at
  const path = range?.source.normalizedPath.replace(/^~lib\//, '') ?? 'the compiler'
  const unmarked = /^Property '(__\w+)' does not exist on type '(.+)'\.$/.exec(text)
  const words = unmarked === null ? null : wordsOfUnmarked(unmarked[1] ?? '', unmarked[2] ?? '', files)
  const message = words?.message ?? `${text} (AS${code}), found in ${path} for this`
  const hint = words?.hint === undefined ? {} : { hint: words.hint }
  const place = { file, line, column, length }
  return { ...place, message, ...hint, compiler: { code, text: message, written: '', isGenerated: false } }
}

/** The SDK calls what the build adds to a class for its mark. */
function wordsOfUnmarked(member: string, type: string, files: readonly Pick<SourceFile, 'text'>[]): Words {
  if (member === '__save') {
    const message = `${type} is a place in storage, which is not put into another one as a whole`
    return { message, hint: 'write its members or elements one by one' }
  }
  const marked = (name: string) => new RegExp(`@struct\\s+(?:export\\s+)?class\\s+${name}\\b`)
  if (/^\w+$/.test(type) && files.some((file) => marked(type).test(file.text))) {
    return { message: `${type} is in storage only, so it has no ABI encoding`, hint: 'pass its members' }
  }
  const [mark, use] = member === '__emit' ? ['@event', 'cannot be emitted'] : ['@struct', 'has no ABI encoding']
  return { message: `${type} is not marked ${mark}, so it ${use}`, hint: `write ${mark} before class ${type}` }
}
