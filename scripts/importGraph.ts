/** The imports of every source file of the packages, for the test of their directions and the picture of the house. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

export interface Import {
  /** Path below the repository. */
  readonly file: string
  /** Path below the repository, `@touchstone/x`, `node:x` or a package name. */
  readonly target: string
  readonly typeOnly: boolean
  /** Loaded when the statement runs and not with the file: `import('...')`. */
  readonly dynamic: boolean
}

export const PACKAGES = ['vm', 'node', 'contracts', 'devnet'] as const

/** Files that only tests use, though they stand beside the sources. */
const testSupport = /\/testing\//

/** In the order of paths. */
export function readImports(): readonly Import[] {
  return PACKAGES.flatMap((name) => listSources(join(root, name, 'src'))).flatMap(importsOf)
}

function listSources(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|js)$/.test(entry.name) && !/\.(test|fuzz)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !testSupport.test(path.split(sep).join('/')))
    .sort()
}

function importsOf(path: string): readonly Import[] {
  const file = relative(root, path).split(sep).join('/')
  // Comments hold examples of imports; they are not imports.
  const text = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/gm,
  )
  return [...statements].map(([, typeOnly, fixed, dynamic]) => {
    const target = (fixed ?? dynamic)!
    const resolved = target.startsWith('.')
      ? relative(root, join(dirname(path), target))
          .split(sep)
          .join('/')
      : target
    return { file, target: resolved, typeOnly: typeOnly !== undefined, dynamic: dynamic !== undefined }
  })
}
