/** What a command says when it cannot do what was asked: a sentence, the cause, a hint. */

/** 1: the work failed. 2: the command was used wrongly. */
export type ExitCode = 1 | 2

export class CliError extends Error {
  override readonly name = 'CliError'
  readonly hint: string | null
  readonly exitCode: ExitCode
  constructor(
    message: string,
    options: { readonly hint?: string; readonly exitCode?: ExitCode; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.hint = options.hint ?? null
    this.exitCode = options.exitCode ?? 1
  }
}

/** The command line itself is wrong: exit code 2. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) })
}
