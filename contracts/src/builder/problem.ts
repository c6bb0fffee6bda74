/** What is wrong with an author's source: always with the place in the author's own file. */

export interface Problem {
  /** Path as the author knows it, relative to the contract's directory. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  readonly message: string
}

/** A build that failed because of the author's source. The message lists every problem as `file:line:column: text`. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(problems.map((p) => `${p.file}:${p.line}:${p.column}: ${p.message}`).join('\n'))
    this.problems = problems
  }
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
