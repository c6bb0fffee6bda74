/** A Brotli stream that is not one, or may not be: where it came from is to blame. */
export type BrotliErrorCode =
  /** Not a Brotli stream as RFC 7932 has them. */
  | 'malformed'
  /** It unpacks to more than the limit. */
  | 'too-long'
  /** It asks for more work than its bytes account for (work.ts). */
  | 'too-much-work'

/** The message says what does not hold. */
export class BrotliError extends Error {
  override readonly name = 'BrotliError'
  readonly code: BrotliErrorCode

  constructor(code: BrotliErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
