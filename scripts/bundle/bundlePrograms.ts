/**
 * Programs of the repository with everything that they load, as a few files: to find, read and check a node's 1 300 modules
 * one by one takes longer than all else that it does before it answers.
 */
import { dirname, join, relative, resolve, sep } from 'node:path'
import { type Plugin, type RolldownOutput, rolldown } from 'rolldown'
import { bundledName } from './bundledName.cjs'

export const root = resolve(import.meta.dirname, '../..')

/** Packages of native code, and those that look for their own files. */
const left = [/^level$/, /^assemblyscript/, /^binaryen/, /^vitest/, /^rolldown/, /^playwright-core/]

export interface BundleOptions {
  /** Sources, from the root with slashes. A worker's entry is found where it is started. */
  readonly programs: readonly string[]
  /** JavaScript for the URL that a source, from the root, has or stands for: data is found beside it. */
  readonly urlOf: (source: string) => string
  /** JavaScript for the URL of a program that is not to be bundled, though a bundled source starts it; null for others. */
  readonly elsewhere?: (program: string) => string | null
  /** What each source, from the root, is loaded as; unchanged unless given. */
  readonly prepare?: (code: string, source: string) => string
  /** Where a source, from the root, is shown to be by the maps; without it there are none. */
  readonly mapped?: (source: string) => string
}

export interface Bundle {
  /** Names without a folder, and contents. Each program is at its {@link bundledName}. */
  readonly files: readonly (readonly [name: string, content: string | Uint8Array])[]
  /** Files that were read, absolute. */
  readonly sources: readonly string[]
  /** What the files import that is not among them. */
  readonly imports: readonly string[]
}

export async function bundlePrograms(options: BundleOptions): Promise<Bundle> {
  const { programs, mapped } = options
  const sources: string[] = []
  const build = await rolldown({
    input: Object.fromEntries(programs.map((path) => [bundledName(path), join(root, path)])),
    platform: 'node',
    external: left,
    // Of what an index exports, a program has what it uses: no source of ours is imported for what it does when it loads.
    treeshake: { moduleSideEffects: [{ test: /\/(vm|node|contracts|devnet)\/src\//, sideEffects: false }] },
    plugins: [ownSources(options, sources)],
  })
  const { output } = await build.generate({
    format: 'esm',
    keepNames: true,
    strictExecutionOrder: true,
    entryFileNames: '[name]',
    chunkFileNames: '[name]-[hash].js',
    ...(mapped === undefined
      ? {}
      : {
          sourcemap: true,
          sourcemapExcludeSources: true,
          sourcemapPathTransform: (path: string, map: string) => mapped(fromRoot(resolve(dirname(map), path))),
        }),
  })
  await build.close()
  return {
    files: output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source] as const),
    sources,
    imports: importsOf(output),
  }
}

function importsOf(output: RolldownOutput['output']): string[] {
  const own = new Set(output.map(({ fileName }) => fileName))
  const all = output.flatMap((file) => (file.type === 'chunk' ? [...file.imports, ...file.dynamicImports] : []))
  return [...new Set(all)].filter((name) => !own.has(name))
}

function fromRoot(path: string): string {
  return relative(root, path).split(sep).join('/')
}

/** Sources name programs and data relative to themselves: programs are bundled too, data stays where it is. */
function ownSources({ programs, urlOf, elsewhere, prepare }: BundleOptions, sources: string[]): Plugin {
  return {
    name: 'own-sources',
    transform(code, id) {
      // The bundler's own has no file.
      if (id.startsWith('\0')) return null
      sources.push(id)
      if (id.includes('node_modules')) return null
      const source = fromRoot(id)
      const words = /new URL\('(\.[^']+\.ts)', import\.meta\.url\)|import\.meta\.(url|dirname|filename)\b/g
      const placed = code.replaceAll(words, (_, program: string | undefined, word: string) => {
        if (program === undefined) {
          if (word === 'url') return urlOf(source)
          const path = `process.getBuiltinModule('node:url').fileURLToPath(${urlOf(source)})`
          return word === 'filename' ? path : `process.getBuiltinModule('node:path').dirname(${path})`
        }
        const path = fromRoot(join(dirname(id), program))
        const other = elsewhere?.(path) ?? null
        if (other !== null) return other
        const fileName = bundledName(path)
        if (!programs.includes(path)) this.emitFile({ type: 'chunk', id: join(root, path), fileName })
        return `new URL('./${fileName}', import.meta.url)`
      })
      const prepared = prepare === undefined ? placed : prepare(placed, source)
      return prepared === code ? null : { code: prepared, map: null }
    },
  }
}
