/**
 * The programs that tests start as processes, as bundles: to find, read and compile a node's 1 300 modules one by one takes
 * a process longer than most tests need of it. Only tests run these; a checkout runs its sources as they are.
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
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { bundledName } from './bundledName.cjs'

export const root = resolve(import.meta.dirname, '../..')

/** From the root. A worker's entry is found where it is started. */
const programs = ['node/src/main.ts', 'devnet/src/cli.ts', 'node/test/faults/kill/committer.ts']

/** Native code, and packages that look for their own files. */
const left = [/^classic-level$/, /^assemblyscript/, /^binaryen/, /^vitest/, /^rolldown/, /^playwright-core/]

/** A bundle that no run has used for this long is deleted by the next. */
const KEPT_MS = 24 * 60 * 60 * 1000

/** Makes the bundle unless it is there, in a folder named after what is in it: runs at once do not disturb each other. */
export async function makeBundle(cache = join(root, 'node_modules/.cache/touchstone-bundles')): Promise<string> {
  const build = await rolldown({
    input: Object.fromEntries(programs.map((path) => [bundledName(path), join(root, path)])),
    platform: 'node',
    external: left,
    plugins: [filesBesideSources()],
  })
  const { output } = await build.generate({
    format: 'esm',
    keepNames: true,
    strictExecutionOrder: true,
    entryFileNames: '[name]',
    chunkFileNames: '[name]-[hash].js',
  })
  await build.close()
  const files = output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source] as const)
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

/** Sources name programs and data relative to themselves: programs are bundled too, data stays where it is. */
function filesBesideSources(): Plugin {
  return {
    name: 'files-beside-sources',
    transform(code, id) {
      if (id.includes('node_modules') || !code.includes('import.meta')) return null
      const own = JSON.stringify(pathToFileURL(id).href)
      const words = /new URL\('(\.[^']+\.ts)', import\.meta\.url\)|import\.meta\.(url|dirname|filename)\b/g
      return code.replaceAll(words, (_, program: string | undefined, word: string) => {
        if (program === undefined) {
          return word === 'url' ? own : JSON.stringify(word === 'dirname' ? dirname(id) : id)
        }
        const path = relative(root, join(dirname(id), program)).replaceAll('\\', '/')
        const fileName = bundledName(path)
        if (!programs.includes(path)) this.emitFile({ type: 'chunk', id: join(root, path), fileName })
        return `new URL('./${fileName}', import.meta.url)`
      })
    },
  }
}
