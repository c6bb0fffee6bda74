/** Where Node keeps compiled code for us. Plain JavaScript: the command reads it before there is anything else. */
import { mkdirSync, statSync } from 'node:fs'
import * as module from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const WRITTEN_BY_ALL = 0o002

/**
 * The user's own folder for it, made where it is not there, or null: who has no home, one that is said in relation to the
 * folder of the moment, one that cannot be written, or one in which another user is at home, compiles at every start.
 * Node's default lies in the folder for temporary files, which all users of a machine share: whoever is there first owns
 * it, and what it holds is executed.
 * @returns {string | null}
 */
export function compiledCodeFolder() {
  const caches = process.env.XDG_CACHE_HOME || cachesOfUser()
  if (!isAbsolute(caches)) return null
  const ours = join(caches, 'touchstone')
  const folder = join(ours, 'compiled')
  return [caches, ours, folder].every(isThere) && isSafe(ours) && isSafe(folder) ? folder : null
}

/**
 * Made if need be, one folder at a time: where the system says ENOENT of a parent that is there, as below /proc, Node's
 * own search for a parent that it can make never ends.
 * @param {string} folder
 */
function isThere(folder) {
  try {
    mkdirSync(folder, { mode: 0o700 })
    return true
  } catch (error) {
    if (typeof error.code !== 'string') throw error
    return error.code === 'EEXIST'
  }
}

/**
 * Whether nobody else writes there. A folder for caches may be one that users share, and under sudo the home may be
 * another's. Windows has no such numbers, and homes there are closed to others.
 * @param {string} folder
 */
function isSafe(folder) {
  const user = process.getuid?.()
  if (user === undefined) return true
  try {
    const stat = statSync(folder)
    return stat.isDirectory() && stat.uid === user && (stat.mode & WRITTEN_BY_ALL) === 0
  } catch (error) {
    // No way to it, or links in a circle.
    if (typeof error.code === 'string') return false
    throw error
  }
}

/** Empty where HOME is not set and the system does not know the user, as in a container under any number. */
function cachesOfUser() {
  try {
    return join(homedir(), '.cache')
  } catch {
    return ''
  }
}

/** For a program, first of all: keeps what it, its threads and its processes compile, where a folder for it can be had. */
export function useCompiledCode() {
  const folder = process.env.NODE_COMPILE_CACHE ?? compiledCodeFolder()
  // Set to nothing, the variable means no cache; enableCompileCache would make one in the folder of the moment.
  if (folder === null || folder === '') return
  // Since Node 22.8. Threads and processes look at the variable.
  const { directory } = module.enableCompileCache?.(folder) ?? {}
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory
}
