/** What a command says when it cannot do what was asked: a sentence, the cause, a hint. */
import type { Terminal } from './terminal.ts'

/** 1: the work failed. 2: the command was used wrongly. */
export type ExitCode = 1 | 2

export class CliError extends Error {
  override readonly name = 'CliError'
  /** Further lines below the message: the end of a log, a list. */
  readonly lines: readonly string[]
  readonly hint: string | null
  /** More for scripts, with `--json`. */
  readonly details: object | null
  readonly exitCode: ExitCode
  constructor(
    message: string,
    options: {
      readonly lines?: readonly string[]
      readonly hint?: string
      readonly exitCode?: ExitCode
      readonly cause?: unknown
      readonly details?: object
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.lines = options.lines ?? []
    this.hint = options.hint ?? null
    this.details = options.details ?? null
    this.exitCode = options.exitCode ?? 1
  }
}

/** The command line itself is wrong: exit code 2. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) })
}

/** Code and words of what the operating system refused, such as a full disk; null for any other error. */
export function systemError(error: unknown): { readonly code: string; readonly message: string } | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  // A path with a NUL byte is refused by Node itself, before the system sees it.
  const isSystems = ('syscall' in error && typeof error.syscall === 'string') || error.code === 'ERR_INVALID_ARG_VALUE'
  return isSystems ? { code: error.code, message: error.message } : null
}

/** Says on stderr why a command ended: a sentence, its lines, a hint. A bug of ours shows its stack. @returns the exit code. */
export function showError(terminal: Terminal, error: unknown): ExitCode {
  const { noteColor } = terminal
  if (!(error instanceof CliError)) {
    const refused = systemError(error)
    if (refused !== null) {
      terminal.alert(`${noteColor.red('error:')} ${refused.message}`)
      return 1
    }
    terminal.alert(noteColor.red('internal error:'))
    for (const line of stackOf(error)) terminal.alert(line)
    return 1
  }
  terminal.alert(`${noteColor.red('error:')} ${error.message}`)
  for (const line of error.lines) terminal.alert(`  ${line}`)
  if (error.hint !== null) terminal.alert(`${noteColor.dim('hint:')}  ${error.hint}`)
  if (error.cause !== undefined) {
    terminal.detail('cause:')
    for (const line of stackOf(error.cause)) terminal.detail(line)
  }
  return error.exitCode
}

/** Indented and marked: its message may have been written by anybody, line feeds and all. */
function stackOf(error: unknown): string[] {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return text.split('\n').map((line) => `  | ${line}`)
}
