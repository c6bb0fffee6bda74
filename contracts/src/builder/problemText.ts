/**
 * Problems as a person reads them: `path:line:column: error: message` with the path from where the person stands, so that
 * an editor's terminal opens it; the line of the source; what is meant, underlined; what to write instead.
 */

import { join } from 'node:path'
import type { Problem } from './problem.ts'
import { columnsOf, shownPath, visible } from './visible.ts'

/** The kinds of words in a message, for those who colour them. */
export type ProblemStyle = 'place' | 'error' | 'message' | 'mark' | 'dim'

/** Applies a style to text that is safe to print. */
export type Paint = (style: ProblemStyle, text: string) => string

export interface ProblemPlace {
  /** The contract's folder. */
  readonly directory: string
  /** Where the reader stands. Default: the current directory. */
  readonly from?: string
  /** Reads a file by its path relative to the contract's directory; null when it cannot be read. */
  readonly read: (path: string) => string | null
}

/** Problems that are told; the others are counted. */
export const MAX_PROBLEMS_TOLD = 20
/** Columns of a source line that are shown. */
const MOST_COLUMNS = 110
/** Columns shown before what is meant, when a line is longer than that. */
const COLUMNS_BEFORE = 40
const TAB = '  '

/** Lines for a terminal. */
export function problemLines(problems: readonly Problem[], place: ProblemPlace, paint: Paint): string[] {
  const texts = new Map<string, readonly string[]>()
  const linesOf = (file: string): readonly string[] => {
    const known = texts.get(file)
    if (known !== undefined) return known
    const lines = (place.read(file) ?? '').split(/\r?\n/)
    texts.set(file, lines)
    return lines
  }
  const lines = problems.slice(0, MAX_PROBLEMS_TOLD).flatMap((problem) => {
    const path = shownPath(join(place.directory, problem.file), place.from)
    const where = `${path}:${problem.line}:${problem.column}:`
    const source = linesOf(problem.file)[problem.line - 1] ?? ''
    return [
      `${paint('place', where)} ${paint('error', 'error:')} ${paint('message', visible(problem.message))}`,
      ...excerpt(problem, source, paint),
      ...(problem.hint === undefined ? [] : [`  ${paint('dim', 'hint:')} ${visible(problem.hint)}`]),
      '',
    ]
  })
  const untold = problems.length - MAX_PROBLEMS_TOLD
  if (untold > 0) lines.push(`… ${untold} more, which may follow from these`, '')
  return lines
}

/** The line of the source and what is meant underlined; nothing for a line that is not there. */
function excerpt({ line, column, length = 1 }: Problem, source: string, paint: Paint): string[] {
  if (source.trim() === '') return []
  const start = Math.min(column - 1, source.length)
  const end = Math.min(Math.max(start + length, start + 1), Math.max(source.trimEnd().length, start + 1))
  const before = shown(source.slice(0, start))
  const meant = shown(source.slice(start, end))
  const after = shown(source.slice(end))
  const whole = columnsOf(before) + columnsOf(meant) + columnsOf(after)
  const head = whole <= MOST_COLUMNS ? before : lastColumns(before, COLUMNS_BEFORE)
  const room = MOST_COLUMNS - columnsOf(head)
  const rest = whole <= MOST_COLUMNS ? meant + after : firstColumns(meant + after, room)
  const marks = '^'.repeat(Math.max(1, Math.min(columnsOf(meant), room)))
  const number = String(line).padStart(5)
  return [
    `${paint('dim', `${number} |`)} ${head}${rest}`,
    `${paint('dim', `${' '.repeat(number.length)} |`)} ${' '.repeat(columnsOf(head))}${paint('mark', marks)}`,
  ]
}

function shown(text: string): string {
  return visible(text.replaceAll('\t', TAB))
}

function lastColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let kept = ''
  for (const character of [...text].reverse()) {
    if (columnsOf(kept) + columnsOf(character) > columns - 1) break
    kept = character + kept
  }
  return `…${kept}`
}

function firstColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let kept = ''
  for (const character of text) {
    if (columnsOf(kept) + columnsOf(character) > columns - 1) break
    kept += character
  }
  return `${kept}…`
}
