/**
 * The bundle that keep.ts made of this checkout's programs, for as long as every file that it was made of is as it was.
 *
 * Plain JavaScript without dependencies: it runs before anything of the programs is loaded.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundledName } from './bundledName.cjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export const keptFolder = join(root, 'node_modules', '.cache', 'touchstone-programs')

/** What keep.ts writes last, in one step: {@link Kept}. */
export const keptList = join(keptFolder, 'current.json')

/**
 * Its file for a program; null where there is none, and where a file has changed since: then the sources are what runs.
 * @param {string} source from the root, with slashes
 * @returns {string | null}
 */
export function keptProgram(source) {
  const kept = readList()
  // A bundle names files of the folder that it was made in.
  if (kept === null || kept.root !== root) return null
  for (const [path, state] of Object.entries(kept.files)) if (stateOf(path) !== state) return null
  const program = join(keptFolder, kept.folder, bundledName(source))
  return existsSync(program) ? program : null
}

/**
 * Another text after each write of the file, also one that keeps its length and puts back its date: no program can set the
 * time of the last change of a file's entry. Empty where there is none.
 * @param {string} path absolute
 */
export function stateOf(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`
}

/**
 * @typedef {{ root: string, folder: string, files: Record<string, string> }} Kept
 * @returns {Kept | null}
 */
function readList() {
  try {
    return JSON.parse(readFileSync(keptList, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError || error.code === 'ENOENT') return null
    throw error
  }
}
