/**
 * A log file that does not fill the disk: at a size its content becomes `<file>.1`, what was that `<file>.2`, and the
 * oldest is gone. The file itself stays the same one and is emptied, so that whoever else appends to it (what a process
 * says as it ends goes to its standard error) and whoever shows its end need not know of it.
 *
 * Lines are written before the call returns: the last ones before a process ends are the ones that matter.
 */
import { constants, copyFileSync, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs'

export interface LogFileLimits {
  /** Of the file; a line more may be in it. */
  readonly maxBytes: number
  /** Older files kept beside it. */
  readonly kept: number
}

export const DEFAULT_LOG_FILE_LIMITS: LogFileLimits = { maxBytes: 16 * 1024 * 1024, kept: 3 }

const OWNER_ONLY = 0o600

/** Appends to the file, which is made when it is not there. @throws Error of the system when it cannot be opened. */
export function openLogFile(
  path: string,
  limits: LogFileLimits = DEFAULT_LOG_FILE_LIMITS,
): { write(line: string): void } {
  const descriptor = openSync(path, 'a', OWNER_ONLY)
  let bytes = fstatSync(descriptor).size
  let lost = 0
  return {
    write(line) {
      try {
        if (bytes >= limits.maxBytes) {
          rotate(path, limits.kept)
          ftruncateSync(descriptor)
          bytes = 0
        }
        const text =
          lost === 0 ? line : `{"level":40,"lost":${lost},"msg":"lines of this log could not be written"}\n${line}`
        bytes += writeSync(descriptor, text)
        lost = 0
      } catch (error) {
        if (!isSystemError(error)) throw error
        // A full disk is what the database tells of, and no reason to end because of a log.
        lost++
      }
    },
  }
}

function rotate(path: string, kept: number): void {
  for (let age = kept - 1; age >= 1; age--) {
    try {
      renameSync(`${path}.${age}`, `${path}.${age + 1}`)
    } catch (error) {
      if (!isSystemError(error) || error.code !== 'ENOENT') throw error
    }
  }
  if (kept > 0) copyFileSync(path, `${path}.1`, constants.COPYFILE_FICLONE)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string'
}
