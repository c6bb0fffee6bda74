/** The folder of a contract's sources, and what may be wrong with it before anything is read in it. */

import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isLibraryPath, packageFile } from './packageFiles.ts'
import { SourceError } from './problem.ts'
import { shownPath } from './visible.ts'

/** Bytes of a source file that are read. */
const MOST_SOURCE_BYTES = 4 * 1024 * 1024

/** @throws SourceError that says what is there instead. */
export function checkFolder(dir: string, entry: string): void {
  const shown = shownPath(dir)
  const stats = statSync(dir, { throwIfNoEntry: false })
  if (stats === undefined) {
    throw new SourceError(`there is no folder ${shown}`, { hint: `name the folder with ${entry}` })
  }
  if (!stats.isDirectory()) {
    const isEntry = dir.endsWith(entry)
    const folder = isEntry ? dir.slice(0, -entry.length) || '.' : dirname(dir)
    throw new SourceError(`${shown} is not a folder`, { hint: `name the folder with ${entry}: ${shownPath(folder)}` })
  }
  if (readSourceText(dir, entry) !== null) return
  const above = dirname(dir)
  const isInside = basename(dir) === dirname(entry) && readSourceText(above, entry) !== null
  const hint = isInside
    ? `name the folder above: ${shownPath(above)}`
    : `write the contract in ${join(shown, entry)}, as contracts/README.md shows`
  throw new SourceError(`${shown} has no ${entry}`, { hint })
}

/**
 * A file by its path relative to the contract's directory, or of a package (`~lib/some-package/assembly/index.ts`); null
 * when there is none.
 * @throws SourceError when there is one that cannot be read, or that leads out of its package.
 */
export function readSourceText(dir: string, path: string): string | null {
  const file = isLibraryPath(path) ? packageFile(dir, path) : join(dir, path)
  if (file === null) return null
  const shown = shownPath(file)
  try {
    const stats = statSync(file)
    if (!stats.isFile()) throw new SourceError(`${shown} is ${stats.isDirectory() ? 'a folder' : 'not a file'}`)
    const { size } = stats
    if (size > MOST_SOURCE_BYTES) {
      throw new SourceError(`${shown} has ${size} bytes; a source file has at most ${MOST_SOURCE_BYTES}`)
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    if (error instanceof SourceError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new SourceError(`${shown} cannot be read: ${reason(error as NodeJS.ErrnoException)}`, { cause: error })
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  ELOOP: 'its links go round in a circle',
  ENAMETOOLONG: 'its name is too long',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not text in UTF-8',
}

function reason({ code = '', message }: NodeJS.ErrnoException): string {
  return Object.hasOwn(REASONS, code) ? (REASONS[code] as string) : message
}
