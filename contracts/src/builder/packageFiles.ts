/**
 * Files of npm packages that contracts import, `import { x } from 'some-package/assembly'`, found as Node finds a package:
 * in `node_modules` of the contract's folder, else of the folders above it. Their paths are the compiler's,
 * `~lib/some-package/assembly/index.ts`, wherever the package lies, so that what is made of them is the same everywhere.
 */

import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { SourceError } from './problem.ts'

const LIBRARY = '~lib/'
/** A package's name begins with no dot, so `..` is none. */
const PATH = /^~lib\/((?:@[\w-][\w.-]*\/)?[\w-][\w.-]*)\/(.+)$/

/** Whether a source's path is in a library and not among the author's files. */
export function isLibraryPath(path: string): boolean {
  return path.startsWith(LIBRARY)
}

/**
 * Where a file of a package lies; null when there is no such package, or no such file in it.
 * @throws SourceError when the file leads out of its package.
 */
export function packageFile(dir: string, path: string): string | null {
  const [, name, rest] = PATH.exec(path) ?? []
  if (name === undefined || rest === undefined) return null
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name)
    // The nearest one counts, whatever it has.
    if (existsSync(root)) return within(root, rest, path)
    if (folder === dirname(folder)) return null
  }
}

/** The package itself may be a link, as npm makes them in workspaces. */
function within(root: string, rest: string, path: string): string | null {
  const file = join(root, rest)
  if (!existsSync(file)) return null
  const real = realpathSync(file)
  if (real.startsWith(realpathSync(root) + sep)) return real
  throw new SourceError(`${path.slice(LIBRARY.length)} lies outside of its package`, {
    hint: 'a contract imports from a package only what is in the folder of the package',
  })
}
