/**
 * The official WebAssembly test suite as kept beside the repository: .wast files, the list of commands that apply to
 * an integer-only VM (manifests), and a reader of the script format, which is loaded from there and not copied here.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export const DEFAULT_SUITE = resolve(import.meta.dirname, '../../../../shared/vectors/wasm-spec')

export interface Constant {
  /** `i32`, `i64`, `null`, `funcref`; others do not occur in commands that are kept. */
  readonly type: string
  readonly value?: number | bigint
}

export interface Action {
  readonly action: 'invoke' | 'get'
  readonly module?: string
  readonly field: string
  readonly args: readonly Constant[]
}

export interface ModuleForm {
  readonly form: 'text' | 'binary' | 'quote' | 'instance'
  readonly kind: string
  readonly id?: string
  readonly text: string
  readonly bytes: Uint8Array
  /** Of an instance: the definition it is made of. */
  readonly of?: string
}

export interface Command {
  readonly type: string
  readonly line: number
  readonly module?: ModuleForm
  readonly action?: Action
  readonly expected?: readonly Constant[]
  readonly msg?: string
}

/** A command of type `register` names the module by its id. */
export interface RegisterCommand {
  readonly type: 'register'
  readonly as: string
  readonly module?: string
}

export interface ScriptReader {
  readCommands(source: string): readonly (Command | RegisterCommand)[]
  /** Rewrites a valid module so that it holds no floats; see the suite's README. */
  stripFloats(text: string): string
  mapFloatTokens(text: string, types: { readonly f32: string; readonly f64: string }): string
}

export interface ScriptFile {
  readonly path: string
  readonly commands: readonly (Command | RegisterCommand)[]
  /** Indices of commands to run: as they stand, and with modules freed of floats. */
  readonly kept: ReadonlySet<number>
  readonly derivedKept: ReadonlySet<number>
}

export interface Suite {
  readonly reader: ScriptReader
  /** Lists features of a binary; the set has `float` when it uses floating point. */
  readonly features: (bytes: Uint8Array) => { readonly ok: boolean; readonly set: ReadonlySet<string> }
  readonly files: readonly ScriptFile[]
}

interface Manifest {
  readonly files: Readonly<Record<string, { readonly kept: string; readonly derivedKept?: string }>>
}

/** Null when the directory is not there. Reads the profile P2 and the folders of core and bulk memory. */
export async function loadSuite(directory: string): Promise<Suite | null> {
  if (!existsSync(join(directory, 'manifests/manifest.P2.json'))) return null
  const reader = (await import(pathToFileURL(join(directory, 'tools/wast.mjs')).href)) as ScriptReader
  const { features } = await import(pathToFileURL(join(directory, 'tools/features.mjs')).href)
  const plain = readManifest(directory, 'manifest.P2.json')
  const derived = readManifest(directory, 'manifest.P2.derived.json')
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const files: ScriptFile[] = []
  for (const [path, { kept }] of Object.entries(plain.files)) {
    if (path.includes('/') && !path.startsWith('bulk-memory/')) continue
    const source = decoder.decode(readFileSync(join(directory, 'wast', path)))
    files.push({
      path,
      commands: reader.readCommands(source),
      kept: ranges(kept),
      derivedKept: ranges(derived.files[path]?.derivedKept ?? ''),
    })
  }
  return { reader, features, files }
}

function readManifest(directory: string, name: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'manifests', name), 'utf8'))
}

/** `"0-2,5"` is the set of 0, 1, 2 and 5. */
function ranges(text: string): ReadonlySet<number> {
  const set = new Set<number>()
  for (const range of text.split(',').filter((part) => part !== '')) {
    const [first, last] = range.split('-').map(Number)
    for (let i = first!; i <= (last ?? first!); i++) set.add(i)
  }
  return set
}
