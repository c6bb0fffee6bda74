/** The database cannot be used by this node: a fault of its operator or of the machine. Each message says what to do. */
export type DatabaseErrorCode =
  /** The directory holds a chain with another genesis. */
  | 'other-genesis'
  /** Written by a version of this software with another layout. */
  | 'other-version'
  /** A snapshot was being fetched into it, and is not complete. */
  | 'unfinished-snapshot'
  /** Records are missing or contradict each other. */
  | 'damaged'

export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: DatabaseErrorCode
  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** `what` is a clause: "block 7 is missing". */
export function damaged(what: string, options?: ErrorOptions): DatabaseError {
  return new DatabaseError(
    'damaged',
    `The database is damaged: ${what}. Move the data directory away and start again: the node fetches the chain from its peers.`,
    options,
  )
}
