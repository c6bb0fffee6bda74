/**
 * With `--json` stdout carries one JSON document, whatever happens: a command's findings are held until it ends, and an
 * error is put into it. Of this process, as stdout is.
 */
/** The value of `error` in a document. */
export interface ErrorDocument {
  /** outcomes.ts. */
  readonly kind: string
  readonly exitCode: number
  readonly message: string
  readonly hint: string | null
  /** The lines below the message: a list, the end of a log. */
  readonly lines: readonly string[]
  /** For scripts; what it is depends on the command. */
  readonly details: object | null
}

let found: { readonly value: unknown } | null = null
let failure: ErrorDocument | null = null

/** The command's result. */
export function holdResult(value: unknown): void {
  found = { value }
}

export function holdError(error: ErrorDocument): void {
  failure = error
}

/** Takes the document to write once the command has ended; null when there is none. It is not held any longer. */
export function takeDocument(): { readonly value: unknown } | null {
  const [result, error] = [found, failure]
  found = null
  failure = null
  if (error === null) return result
  const value = result?.value
  const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  // A list or a text has no place for an error beside it.
  const rest = fields ?? (result === null ? {} : { result: value })
  return { value: { ...rest, error } }
}
