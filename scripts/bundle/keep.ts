/**
 * `node scripts/bundle/keep.ts`: bundles the programs of this checkout, which then run in the place of the sources until one
 * of these changes (kept.mjs). `npm start` and the benches run it; it does nothing where the bundle is there already.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Bundle, bundlePrograms, root } from './bundlePrograms.ts'
import { keptFolder, keptList, keptProgram, stateOf } from './kept.mjs'

const programs = ['node/src/main.ts', 'devnet/src/cli.ts', 'contracts/src/builder/cli.ts']

/**
 * A file that was written less than this before the bundle was begun could be written once more within one tick of the file
 * system's clock, and look the same: then nothing is kept.
 */
const SETTLED_MS = 2_500

/** Of the last bundles so many stay: a network that runs loads parts of its own when they are needed. */
const OLD_BUNDLES = 8

export async function keepBundle(): Promise<void> {
  if (keptProgram(programs[0]!) !== null) return
  const began = Date.now()
  const bundle = await bundlePrograms({
    programs,
    urlOf: (source) => JSON.stringify(pathToFileURL(join(root, source)).href),
    mapped: (source) => pathToFileURL(join(root, source)).href,
  })
  const files = filesBehind(bundle)
  // After the bundle was made: what changed while it was is too young.
  const states = Object.fromEntries(files.map((path) => [path, stateOf(path)]))
  if (files.some((path) => !isSettled(path, began))) return
  mkdirSync(keptFolder, { recursive: true })
  deleteOld()
  const folder = mkdtempSync(join(keptFolder, 'bundle-'))
  for (const [name, content] of bundle.files) writeFileSync(join(folder, name), content)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n')
  const half = join(folder, 'list.json')
  writeFileSync(half, JSON.stringify({ root, folder: basename(folder), files: states }))
  renameSync(half, keptList)
}

/** Those that were bundled, the manifests that say where a package's files are, what npm installed, and the bundler. */
function filesBehind({ sources }: Bundle): string[] {
  const folders = new Set(sources.map(dirname))
  for (const folder of folders) if (folder !== root) folders.add(dirname(folder))
  const manifests = [...folders].map((folder) => join(folder, 'package.json'))
  const own = readdirSync(import.meta.dirname).map((name) => join(import.meta.dirname, name))
  const installed = ['package-lock.json', 'node_modules/.package-lock.json', 'node_modules/rolldown/package.json']
  return [...sources, ...manifests, ...own, ...installed.map((path) => join(root, path))].filter((path) =>
    existsSync(path),
  )
}

/** Whether every later write of the file will show in its {@link stateOf}. `began`: milliseconds since the epoch. */
export function isSettled(path: string, began: number): boolean {
  const { mtimeMs, ctimeMs } = statSync(path)
  return Math.max(mtimeMs, ctimeMs) < began - SETTLED_MS
}

function deleteOld(): void {
  const old = readdirSync(keptFolder)
    .filter((name) => name.startsWith('bundle-'))
    .map((name) => ({ path: join(keptFolder, name), age: statSync(join(keptFolder, name)).mtimeMs }))
    .sort((left, right) => right.age - left.age)
  for (const { path } of old.slice(OLD_BUNDLES - 1)) rmSync(path, { recursive: true, force: true })
}

if (import.meta.main) await keepBundle()
