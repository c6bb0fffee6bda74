/** A mistake in an author's source, always with the place in the author's own file. */

export interface Problem {
  /** Path as the author knows it, relative to the contract's directory. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based, in UTF-16 units as editors count them. */
  readonly column: number
  /** UTF-16 units the problem covers from the column on; it may go over the end of the line. Absent: one. */
  readonly length?: number
  readonly message: string
  /** The text to write instead. */
  readonly hint?: string
}

/** A problem with everything said, as JSON has it. */
export type ProblemJson = Required<Omit<Problem, 'hint'>> & { readonly hint: string | null }

/** A build that failed because of the author's source. The message lists every problem as `file:line:column: text`. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
  /** By place; none twice. */
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[], options: { readonly cause?: unknown } = {}) {
    const ordered = inOrder(problems)
    super(ordered.map((p) => `${p.file}:${p.line}:${p.column}: ${p.message}`).join('\n'), options)
    this.problems = ordered
  }
}

/** A reason why a build cannot begin: no such folder, no source in it, a file that cannot be read. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly hint: string | null
  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.hint = options.hint ?? null
  }
}

export function problemJson({ file, line, column, length, message, hint }: Problem): ProblemJson {
  return { file, line, column, length: length ?? 1, message, hint: hint ?? null }
}

/**
 * Those of `further` that are not at a place of which `first` speaks already: a consequence of a mistake is no further
 * mistake.
 */
export function withoutEchoes(first: readonly Problem[], further: readonly Problem[]): readonly Problem[] {
  const places = new Set(first.map(placeOf))
  return [...first, ...further.filter((problem) => !places.has(placeOf(problem)))]
}

/** Line and column, both 1-based, of an offset in a text. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let lineStart = 0
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) {
    line++
    lineStart = i + 1
  }
  return { line, column: offset - lineStart + 1 }
}

function placeOf({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const told = new Set<string>()
  const once = problems.filter((problem) => {
    const key = `${placeOf(problem)} ${problem.message}`
    return !told.has(key) && told.add(key)
  })
  return once.sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
