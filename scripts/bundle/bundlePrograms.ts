/**
 * Programs of the repository with everything that they load, as a few files: to find, read and check a node's 1 300 modules
 * one by one takes longer than all else that it does before it answers.
 */
import { dirname, join, relative, resolve, sep } from 'node:path'
import { type ModuleInfo, type Plugin, type RolldownOutput, rolldown } from 'rolldown'
import { builtins } from './builtins.ts'
import { bundledName } from './bundledName.cjs'
import { lazyModules } from './lazyModules.ts'

export const root = resolve(import.meta.dirname, '../..')

/** Packages of native code, and those that look for their own files. */
const left = [/^level$/, /^assemblyscript/, /^binaryen/, /^vitest/, /^rolldown/, /^playwright-core/]

/** Imported when their program runs, but at every start: each is one file with what it loads and the ones before do not. */
const parts = ['node/src/nodeProcess.ts', 'devnet/src/command.ts', 'devnet/src/commands/up.ts']

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

/**
 * Each program and each thread is bundled by itself. What several of them need is there several times, but a process finds
 * what it loads in a few files: of all in one it would be some fifty, cut by who shares what with whom.
 */
export async function bundlePrograms(options: BundleOptions): Promise<Bundle> {
  const files = new Map<string, string | Uint8Array>()
  const sources = new Set<string>()
  const imports = new Set<string>()
  const begun = new Map<string, Promise<void>>()
  const begin = (program: string): void => {
    if (begun.has(program)) return
    const work = bundleProgram(program, options, begin).then((bundle) => {
      for (const [name, content] of bundle.files) files.set(name, content)
      for (const path of bundle.sources) sources.add(path)
      for (const name of bundle.imports) imports.add(name)
    })
    begun.set(program, work)
  }
  for (const program of options.programs) begin(program)
  // A map goes on over what is added meanwhile.
  for (const [, work] of begun) await work
  return {
    files: [...files].sort(([left], [right]) => (left < right ? -1 : 1)),
    sources: [...sources],
    imports: [...imports],
  }
}

async function bundleProgram(
  program: string,
  options: BundleOptions,
  onProgram: (program: string) => void,
): Promise<Bundle> {
  const { mapped } = options
  const sources: string[] = []
  const build = await rolldown({
    input: { [bundledName(program)]: join(root, program) },
    platform: 'node',
    external: left,
    // Of what an index exports, a program has what it uses: no source of ours is imported for what it does when it loads.
    treeshake: { moduleSideEffects: [{ test: /\/(vm|node|contracts|devnet)\/src\//, sideEffects: false }] },
    plugins: [builtins(), lazyModules(join(root, 'node')), ownSources(options, sources, onProgram)],
  })
  const { output } = await build.generate({
    format: 'esm',
    keepNames: true,
    // A tenth of it all would be comments. Those with a licence stay.
    comments: { jsdoc: false },
    strictExecutionOrder: true,
    entryFileNames: '[name]',
    // A character above U+00FF would make V8 keep two bytes for each of its file.
    charset: 'ascii',
    // What is loaded at every start is one file, whatever of it parts that are loaded later use too.
    codeSplitting: {
      groups: [
        { name: 'initial', tags: ['$initial'], priority: 1 },
        { name: partOf(), debugName: 'part' },
      ],
    },
    // So named, Node looks for no package.json to know what it is.
    chunkFileNames: '[name]-[hash].mjs',
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

/** The name of the part that a module is loaded with at every start; null where it is with none. */
function partOf(): (id: string, modules: { getModuleInfo(id: string): ModuleInfo | null }) => string | null {
  let named: Map<string, string> | null = null
  return (id, modules) => {
    if (named === null) {
      named = new Map()
      for (const part of parts) {
        const loaded = new Set([join(root, part)])
        // A set goes on over what is added meanwhile.
        for (const one of loaded) for (const next of modules.getModuleInfo(one)?.importedIds ?? []) loaded.add(next)
        for (const one of loaded) if (!named.has(one)) named.set(one, bundledName(part).replace(/\.js$/, ''))
      }
    }
    return named.get(id) ?? null
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
function ownSources(
  { urlOf, elsewhere, prepare }: BundleOptions,
  sources: string[],
  onProgram: (program: string) => void,
): Plugin {
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
        onProgram(path)
        return `new URL('./${bundledName(path)}', import.meta.url)`
      })
      const prepared = prepare === undefined ? placed : prepare(placed, source)
      return prepared === code ? null : { code: prepared, map: null }
    },
  }
}
