/** The words of a command that cannot do what was asked: a sentence, the cause, a hint. */

import { holdError } from './jsonDocument.ts'
import { type EndingSignal, interruptedCode, type Outcome, outcomes } from './outcomes.ts'
import type { Terminal } from './terminal.ts'

export type FailureKind = Exclude<Outcome, 'success'>

interface CliErrorOptions {
  /** The kind of end: outcomes.ts. `failed` unless told. */
  readonly kind?: Exclude<FailureKind, 'interrupted'>
  readonly lines?: readonly string[]
  readonly hint?: string
  readonly cause?: unknown
  /** More for scripts: in the document of `--json` as `error.details`. Anything that JSON can hold, and bigints. */
  readonly details?: object
}

export class CliError extends Error {
  override readonly name: string = 'CliError'
  readonly kind: FailureKind
  /** Further lines below the message: the end of a log, a list. */
  readonly lines: readonly string[]
  readonly hint: string | null
  readonly details: object | null
  constructor(message: string, options: CliErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.kind = options.kind ?? 'failed'
    this.lines = options.lines ?? []
    this.hint = options.hint ?? null
    this.details = options.details ?? null
  }

  get exitCode(): number {
    return outcomes[this.kind].exitCode ?? 1
  }
}

/** A signal ended the command before it was done. */
export class InterruptedError extends CliError {
  override readonly name = 'InterruptedError'
  override readonly kind = 'interrupted'
  readonly signal: EndingSignal
  /** @param doing what was going on, such as `replaying chain.export` */
  constructor(signal: EndingSignal, doing: string, options: Omit<CliErrorOptions, 'kind'> = {}) {
    super(`interrupted (${signal}) while ${doing}`, options)
    this.signal = signal
  }

  override get exitCode(): number {
    return interruptedCode(this.signal)
  }
}

/** The command line itself is wrong: exit code 2. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { kind: 'usage', ...(hint === undefined ? {} : { hint }) })
}

/** Nobody answers where somebody was to: exit code 3. */
export function unreachableError(message: string, hint: string, cause?: unknown): CliError {
  return new CliError(message, { kind: 'unreachable', hint, ...(cause === undefined ? {} : { cause }) })
}

/** Code and words of what the operating system refused, such as a full disk; null for any other error. */
export function systemError(error: unknown): { readonly code: string; readonly message: string } | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  // A path with a NUL byte is refused by Node itself, before the system sees it.
  const isSystems = ('syscall' in error && typeof error.syscall === 'string') || error.code === 'ERR_INVALID_ARG_VALUE'
  return isSystems ? { code: error.code, message: error.message } : null
}

/**
 * Says on stderr why a command ended: a sentence, its lines, a hint. A bug of ours shows its stack. With `--json` the
 * document on stdout has the same. @returns the exit code.
 */
export function showError(terminal: Terminal, error: unknown): number {
  const { noteColor } = terminal
  const shown = asCliError(error)
  if (shown === null) {
    terminal.alert(noteColor.red('internal error:'))
    const stack = stackOf(error)
    for (const line of stack) terminal.alert(line)
    const message = error instanceof Error ? error.message : String(error)
    return document(terminal, { kind: 'internal', message, hint: outcomes.internal.meaning, lines: stack })
  }
  terminal.alert(`${noteColor.red('error:')} ${shown.message}`)
  for (const line of shown.lines) terminal.alert(`  ${line}`)
  if (shown.hint !== null) terminal.alert(`${noteColor.dim('hint:')}  ${shown.hint}`)
  if (shown.cause !== undefined) {
    terminal.detail('cause:')
    for (const line of stackOf(shown.cause)) terminal.detail(line)
  }
  return document(terminal, shown, shown.exitCode)
}

/** The sentence for a refusal of the operating system, in its words. Null for a bug of ours. */
export function asCliError(error: unknown): CliError | null {
  if (error instanceof CliError) return error
  const refused = systemError(error)
  return refused === null ? null : new CliError(refused.message, { details: { code: refused.code } })
}

interface ErrorWords {
  readonly kind: FailureKind
  readonly message: string
  readonly hint: string | null
  readonly lines: readonly string[]
  readonly details?: object | null
}

function document(
  terminal: Terminal,
  { kind, message, hint, lines, details = null }: ErrorWords,
  exitCode = outcomes[kind].exitCode ?? 1,
): number {
  if (terminal.json) holdError({ kind, exitCode, message, hint, lines, details })
  return exitCode
}

/** Indented and marked: its message may have been written by anybody, line feeds and all. */
function stackOf(error: unknown): string[] {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return text.split('\n').map((line) => `  | ${line}`)
}
