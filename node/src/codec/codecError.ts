/**
 * The one error for bytes or text that do not decode. Always the sender's fault, never ours: a caller maps `code` to a
 * penalty or a JSON-RPC error and may show `message` as it is.
 */

export type CodecErrorCode =
  /** Not `0x` followed by an even number of hex digits, or not a quantity. */
  | 'bad-hex'
  /** RLP that ends before the length it announces. */
  | 'rlp-truncated'
  /** Bytes after the end of the item. */
  | 'rlp-trailing-bytes'
  /** A longer form than necessary: RLP has exactly one encoding for every item. */
  | 'rlp-not-canonical'
  | 'rlp-too-deep'
  | 'rlp-too-large'
  | 'rlp-too-many-items'
  /** A string where a list belongs or the reverse, or a list of another length. */
  | 'wrong-shape'
  /** A byte string of fixed length that has another length. */
  | 'wrong-length'
  /** An integer written with leading zero bytes. */
  | 'leading-zeros'
  /** A value the field does not allow. */
  | 'out-of-range'
  /** A transaction or receipt type this chain does not have. */
  | 'unsupported-type'
  /** A signature that cannot be valid, whatever was signed. */
  | 'bad-signature'
  /** JSON of another shape than documented. */
  | 'bad-json'

export class CodecError extends Error {
  override readonly name = 'CodecError'
  readonly code: CodecErrorCode
  /** Where: a path such as `transactions[3].nonce`, or an empty string for the input as a whole. */
  readonly field: string
  /** The mistake and the allowed values, without the field. */
  readonly reason: string

  constructor(code: CodecErrorCode, field: string, reason: string) {
    super(field === '' ? reason : `${field}: ${reason}`)
    this.code = code
    this.field = field
    this.reason = reason
  }

  /** The same error, told from one level further out: `nonce` becomes `transactions[3].nonce`. */
  within(outer: string): CodecError {
    const separator = this.field === '' || this.field.startsWith('[') ? '' : '.'
    return new CodecError(this.code, `${outer}${separator}${this.field}`, this.reason)
  }
}

/** Runs a decoder of a part and names the part in what it throws. */
export function decodeWithin<T>(outer: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw error instanceof CodecError ? error.within(outer) : error
  }
}
