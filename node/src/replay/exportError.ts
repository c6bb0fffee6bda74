/**
 * A file that cannot be read as an export: always the file's fault. The message says what was found where, and what to do.
 */
export type ExportErrorCode =
  /** It does not begin as one. */
  | 'not-an-export'
  | 'other-version'
  /** It ends before its end record. */
  | 'truncated'
  /** A checksum, a length or an order that does not hold. */
  | 'damaged'

export class ExportError extends Error {
  override readonly name = 'ExportError'
  readonly code: ExportErrorCode
  constructor(code: ExportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
