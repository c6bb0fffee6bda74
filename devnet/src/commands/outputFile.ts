/**
 * Files that a command is asked to write: made beside their place and then renamed, which would put a file where a
 * device was.
 */
import { accessSync, constants, lstatSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { CliError, systemError } from '../output/errors.ts'

/** Why no file can be put there, as a clause; null when one can. Changes nothing. */
export function outputFault(path: string): string | null {
  const folder = dirname(resolve(path))
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return 'its folder does not exist'
  try {
    accessSync(folder, constants.W_OK)
  } catch (error) {
    const refused = systemError(error)
    if (refused === null) throw error
    return refused.message
  }
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined || there.isFile()) return null
  return there.isDirectory() ? 'it is a folder' : 'it is no ordinary file but a link, a device or a pipe'
}

/** Whole or not at all: a file that was there before is as it was where the disk is full. @throws CliError with the path. */
export function writeOutput(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, text, { flag: 'wx' })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    const refused = systemError(error)
    if (refused === null) throw error
    throw new CliError(`cannot write ${path}: ${refused.message}`, { cause: error })
  }
}
