/** Where a command's words go: data on stdout, all else on stderr; colour only where somebody looks at it. */
import picocolors from 'picocolors'

export type ColorMode = 'auto' | 'always' | 'never'

export interface Terminal {
  /** True with `--json`: stdout carries one JSON document and nothing else. */
  readonly json: boolean
  /** Colours for stdout. */
  readonly color: ReturnType<typeof picocolors.createColors>
  /** Colours for stderr. */
  readonly noteColor: ReturnType<typeof picocolors.createColors>
  /** One line of the command's result, on stdout. */
  print(line: string): void
  /** The command's result for scripts, on stdout. */
  printJson(value: unknown): void
  /** Progress and explanation, on stderr; silent with `--quiet`. */
  note(line: string): void
  /** More of it, only with `--verbose`. */
  detail(line: string): void
  /** Something the user should act on, on stderr, never silent. */
  warn(line: string): void
}

export interface TerminalOptions {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: ColorMode
}

export function createTerminal(options: TerminalOptions): Terminal {
  const color = picocolors.createColors(wantsColor(options.color, process.stdout))
  const noteColor = picocolors.createColors(wantsColor(options.color, process.stderr))
  return {
    json: options.json,
    color,
    noteColor,
    print: (line) => void process.stdout.write(`${line}\n`),
    printJson: (value) => void process.stdout.write(`${JSON.stringify(value, jsonValue, 2)}\n`),
    note(line) {
      if (!options.quiet) process.stderr.write(`${line}\n`)
    },
    detail(line) {
      if (options.verbose) process.stderr.write(`${line}\n`)
    },
    warn: (line) => void process.stderr.write(`${noteColor.yellow('warning:')} ${line}\n`),
  }
}

/** JSON has no bigint: they become decimal strings, as in Ethereum tools' JSON. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function wantsColor(mode: ColorMode, stream: NodeJS.WriteStream): boolean {
  if (mode !== 'auto') return mode === 'always'
  // https://no-color.org
  if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false
  return stream.isTTY === true
}
