/**
 * Why a store could not be opened, read or written. These are faults of the machine or its operator, never of a peer:
 * the node says what happened and what to do, and stops.
 */
export type StoreErrorCode =
  /** Another process (or another part of this one) has the directory open. */
  | 'locked'
  /** LevelDB found damaged or missing files. */
  | 'corrupt'
  /** The operating system refused to read or write. */
  | 'permission'
  /** The path, or a part of it, is a file, or is nothing that a directory can be made of. */
  | 'not-a-directory'
  | 'no-space'
  /** Used after close. */
  | 'closed'
  | 'io'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Advice for a damaged database of a chain; those of other things have another way out. */
export const CHAIN_DAMAGED = 'Move the directory away and start again: the node fetches the chain from its peers.'

/**
 * Turns what classic-level or the file system threw into a {@link StoreError} that names the directory and the way out.
 * `whenDamaged`: the way out where files are damaged.
 */
export function storeErrorOf(thrown: unknown, directory: string, whenDamaged = CHAIN_DAMAGED): StoreError {
  if (thrown instanceof StoreError) return thrown
  const cause = rootCause(thrown)
  const code = classify(cause)
  const sentence = code === 'corrupt' ? damagedSentence(directory, whenDamaged) : sentences[code](directory)
  return new StoreError(code, `${sentence} [${cause.code || 'no code'}: ${cause.message}]`, { cause: thrown })
}

/** `damage` is a clause that names the file. */
export function damagedFiles(directory: string, damage: string, whenDamaged = CHAIN_DAMAGED): StoreError {
  return new StoreError('corrupt', `${damagedSentence(directory, whenDamaged)} [${damage}; nothing was changed]`)
}

function damagedSentence(directory: string, whenDamaged: string): string {
  return `The database in ${directory} is damaged. ${whenDamaged}`
}

const sentences: Readonly<Record<Exclude<StoreErrorCode, 'corrupt'>, (directory: string) => string>> = {
  locked: (directory) =>
    `The database in ${directory} is in use by another process. Stop that process, or give this node a directory of its own.`,
  permission: (directory) =>
    `No permission to read and write ${directory}. Give this user access, or choose another directory.`,
  'not-a-directory': (directory) =>
    `${directory} is not a directory, and cannot be made one. Choose another directory.`,
  'no-space': (directory) => `The disk that holds ${directory} is full. Free some space and start again.`,
  closed: (directory) => `The database in ${directory} is closed.`,
  io: (directory) => `Reading or writing the database in ${directory} failed.`,
}

interface Cause {
  readonly code: string
  readonly message: string
}

/** abstract-level wraps: "Database failed to open" says nothing, its cause does. */
function rootCause(thrown: unknown): Cause {
  let error = thrown
  for (let depth = 0; depth < 8 && error instanceof Error && error.cause instanceof Error; depth++) error = error.cause
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { code, message: error.message }
}

function classify({ code, message }: Cause): StoreErrorCode {
  switch (code) {
    case 'LEVEL_LOCKED':
      return 'locked'
    case 'LEVEL_CORRUPTION':
      return 'corrupt'
    case 'LEVEL_DATABASE_NOT_OPEN':
      return 'closed'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'permission'
    case 'EEXIST':
    case 'ENOTDIR':
    case 'ENOENT':
    case 'ELOOP':
    case 'ENAMETOOLONG':
    case 'ERR_INVALID_ARG_VALUE':
      return 'not-a-directory'
    case 'ENOSPC':
      return 'no-space'
  }
  // LevelDB reports what the system said as text only.
  if (/Permission denied|Read-only file system/.test(message)) return 'permission'
  if (/No space left on device/.test(message)) return 'no-space'
  return 'io'
}
