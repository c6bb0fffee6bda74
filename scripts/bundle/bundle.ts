/**
 * The programs that tests start as processes, as bundles: to find, read and compile a node's 1 300 modules one by one takes
 * a process longer than most tests need of it. Only tests run these; keep.ts makes what a checkout runs.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundlePrograms, root } from './bundlePrograms.ts'

/** From the root. */
const programs = ['node/src/main.ts', 'devnet/src/cli.ts', 'node/test/faults/kill/committer.ts']

/** A bundle that no run has used for this long is deleted by the next. */
const KEPT_MS = 24 * 60 * 60 * 1000

/** Makes the bundle unless it is there, in a folder named after what is in it: runs at once do not disturb each other. */
export async function makeBundle(cache = join(root, 'node_modules/.cache/touchstone-bundles')): Promise<string> {
  const { files } = await bundlePrograms({
    programs,
    urlOf: (source) => JSON.stringify(pathToFileURL(join(root, source)).href),
  })
  const hash = createHash('sha256')
  for (const [name, content] of files) hash.update(`${name} ${content.length}\n`).update(content)
  const folder = join(cache, hash.digest('hex').slice(0, 32))
  mkdirSync(cache, { recursive: true })
  deleteOld(cache)
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date())
    return folder
  }
  const half = mkdtempSync(join(cache, 'half-'))
  for (const [name, content] of files) writeFileSync(join(half, name), content)
  writeFileSync(join(half, 'package.json'), '{"type":"module"}\n')
  try {
    renameSync(half, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
    rmSync(half, { recursive: true })
  }
  return folder
}

function deleteOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const age = Date.now() - (statSync(join(cache, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > KEPT_MS) rmSync(join(cache, name), { recursive: true, force: true })
  }
}
