/**
 * Files and directories that only their owner may open: keys, tokens, a validator's record of what it signed. They are made
 * so from the beginning, since a mode that is set afterwards comes too late, and looked at again at every start.
 *
 * A file system without modes (FAT, a Windows drive under WSL) or a system without them (Windows) has nothing to hold
 * anybody to: there, nothing is refused.
 */
import { chmodSync, closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

export const PRIVATE_FILE_MODE = 0o600
export const PRIVATE_DIRECTORY_MODE = 0o700

/** The permissions of group and others. */
const OTHERS = 0o077

/** Others may open it. The message names the path, its mode, what is allowed, and the command that mends it. */
export class PrivateFileError extends Error {
  override readonly name = 'PrivateFileError'
}

/** Makes a directory as {@link makeDirectory} does; it is the owner's alone, unless it was there before. */
export function makePrivateDirectory(path: string): void {
  makeDirectory(path, { mode: PRIVATE_DIRECTORY_MODE })
}

export interface DirectoryOptions {
  /** Of the last one. */
  readonly mode?: number
  /** Told of each that was missing, once it is there. */
  onMade?(directory: string): void
}

/**
 * Makes a directory and those above it that are missing.
 * Not with `mkdirSync(..., { recursive: true })`: that never returns where the system answers ENOENT for a parent that
 * exists, as below /proc. @throws the system's error.
 */
export function makeDirectory(path: string, { mode, onMade }: DirectoryOptions = {}): void {
  const missing: string[] = []
  let above = resolve(path)
  for (let found = isThere(above); !found; found = isThere(above)) {
    missing.push(above)
    if (dirname(above) === above) break
    above = dirname(above)
  }
  for (const [position, directory] of missing.reverse().entries()) {
    const isLast = position === missing.length - 1
    if (makeOne(directory, isLast ? mode : undefined)) onMade?.(directory)
  }
  // A file of that name is told by what is done next, in words of its own.
}

/** Whole or not at all: written beside it first, then renamed. Its owner's alone. @throws the system's error. */
export function writePrivateFile(path: string, text: string): void {
  const temporary = `${path}.new`
  // Left over from a process that was killed, or put there by somebody who wants to read along: never written through.
  rmSync(temporary, { force: true })
  const descriptor = openSync(temporary, 'wx', PRIVATE_FILE_MODE)
  try {
    writeFileSync(descriptor, text)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, path)
}

/** The mode of a file or directory that others may open; null when they may not, or it does not exist. */
export function openMode(path: string): number | null {
  if (process.platform === 'win32') return null
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || (stats.mode & OTHERS) === 0) return null
  return hasModes(stats.isDirectory() ? path : dirname(path)) ? stats.mode & 0o777 : null
}

/** @param what e.g. `it holds the keys of this node`. @throws PrivateFileError */
export function requirePrivate(path: string, what: string): void {
  const mode = openMode(path)
  if (mode === null) return
  const allowed = allowedMode(path)
  throw new PrivateFileError(
    `${path} has mode ${octal(mode)}, so that others on this machine can open it, and ${what}. ` +
      `Allowed is ${octal(allowed)}: chmod ${allowed.toString(8)} ${quoted(path)}`,
  )
}

/** Takes from others what they may do. False when there was nothing to take. @throws the system's error. */
export function makePrivate(path: string): boolean {
  if (openMode(path) === null) return false
  chmodSync(path, allowedMode(path))
  return true
}

function allowedMode(path: string): number {
  return statSync(path).isDirectory() ? PRIVATE_DIRECTORY_MODE : PRIVATE_FILE_MODE
}

/** Asked only about something that looks open: a directory made with the owner's mode alone shows whether modes are kept. */
function hasModes(directory: string): boolean {
  const probe = join(directory, `.modes-${process.pid}`)
  try {
    mkdirSync(probe, { mode: PRIVATE_DIRECTORY_MODE })
  } catch {
    // One that cannot be written to: taken at its word.
    return true
  }
  try {
    return (statSync(probe).mode & OTHERS) === 0
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

/** False when somebody else made it in this moment. */
function makeOne(directory: string, mode: number | undefined): boolean {
  try {
    mkdirSync(directory, mode)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isThere(directory)) throw error
    return false
  }
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
