/**
 * Where a command's words go: data on stdout, all else on stderr; colour only where somebody looks at it. No escape
 * of a stranger's (a contract, a peer, a file) gets through to the terminal: styles.ts.
 *
 * Why it is so: docs/rationale/terminal.md.
 */
import { holdResult, takeDocument } from './jsonDocument.ts'
import { visibleJson } from './printable.ts'
import { createStyles, type Styles, terminalLine } from './styles.ts'

/** UTF-16 units of a line on stderr. */
export const MAX_NOTE_CHARACTERS = 4_000

export type ColorMode = 'auto' | 'always' | 'never'

export interface Terminal {
  /** True with `--json`: stdout carries one JSON document and nothing else. */
  readonly json: boolean
  /** Colours for stdout. */
  readonly color: Styles
  /** Colours for stderr. */
  readonly noteColor: Styles
  /** One line of the command's result, on stdout. */
  print(line: string): void
  /** Several lines of it. */
  printLines(lines: readonly string[]): void
  /** The command's result for scripts, on stdout once the command has ended: an error may have to go into it. */
  printJson(value: unknown): void
  /** The same at once, for a command that goes on. */
  printJsonNow(value: unknown): void
  /** Progress and explanation, on stderr; silent with `--quiet`. */
  note(line: string): void
  /** More of it, only with `--verbose`. */
  detail(line: string): void
  /** Something the user should act on, on stderr, never silent; `more` are lines below it. */
  warn(line: string, more?: readonly string[]): void
  /** The same without a word before it. */
  alert(line: string): void
}

export interface TerminalOptions {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: ColorMode
}

export function createTerminal(options: TerminalOptions): Terminal {
  const color = createStyles(wantsColor(options.color, process.stdout))
  const noteColor = createStyles(wantsColor(options.color, process.stderr))
  const print = (line: string) => void process.stdout.write(`${terminalLine(line)}\n`)
  const alert = (line: string) => void process.stderr.write(`${terminalLine(bounded(line))}\n`)
  return {
    json: options.json,
    color,
    noteColor,
    print,
    printLines(lines) {
      for (const line of lines) print(line)
    },
    printJson: holdResult,
    printJsonNow: writeJson,
    note(line) {
      if (!options.quiet) alert(line)
    },
    detail(line) {
      if (options.verbose) alert(line)
    },
    warn(line, more = []) {
      alert(`${noteColor.yellow('warning:')} ${line}`)
      for (const one of more) alert(`  ${one}`)
    },
    alert,
  }
}

/** With `--json`, when the command has ended: writes what it found, or why it failed, or both in one document. */
export function writeDocument(): void {
  const document = takeDocument()
  if (document !== null) writeJson(document.value)
}

/** Resolves when what was printed is out, or nobody takes it any more. */
export function printed(): Promise<void> {
  return new Promise((resolve) => process.stdout.write('', () => resolve()))
}

/** Harmless on a terminal, and JSON for any reader. */
function writeJson(value: unknown): void {
  process.stdout.write(`${visibleJson(JSON.stringify(value, jsonValue, 2))}\n`)
}

/** JSON has no bigint: they become decimal strings, as in Ethereum tools' JSON. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

/** Explanations may be cut; results on stdout are whole. */
function bounded(line: string): string {
  return line.length <= MAX_NOTE_CHARACTERS ? line : `${line.slice(0, MAX_NOTE_CHARACTERS)}…`
}

function wantsColor(mode: ColorMode, stream: NodeJS.WriteStream): boolean {
  if (mode !== 'auto') return mode === 'always'
  // https://no-color.org
  if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false
  return stream.isTTY === true
}
