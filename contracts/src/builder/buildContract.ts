/**
 * Builds the contracts of a directory: `assembly/index.ts` in; `build/<Name>.json`, `<Name>.ts`, `<Name>.wasm` and its
 * source map out.
 */

import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Artifact } from './artifact.ts'
import type { BuiltModule } from './compileProgram.ts'
import { toolHash } from './contentHash.ts'
import { SourceError } from './problem.ts'
import { readSdk } from './sdk.ts'
import { checkFolder, readSourceText } from './sourceFolder.ts'
import { type CompileReason, readBuilt, SourceReads, stampOf } from './stamp.ts'
import { typedArtifact } from './typedArtifact.ts'
import { shownPath } from './visible.ts'

export { readSourceText } from './sourceFolder.ts'
export type { CompileReason } from './stamp.ts'

export interface BuildOptions {
  /** The author's entry file, relative to the directory. Default `assembly/index.ts`. */
  readonly entry?: string
  /** Also write what the compiler got: the rewritten sources and the entry files, under `build/glue`. */
  readonly keepGlue?: boolean
  /** Build even if nothing has changed since the last build. */
  readonly force?: boolean
  /** Called before anything is compiled; not when the artifacts of the last build are those of these sources. */
  readonly onCompile?: (reason: CompileReason) => void
}

const DEFAULT_ENTRY = 'assembly/index.ts'

/**
 * Builds every class marked @contract that the entry file reaches, abstract ones apart. Artifacts are also written to
 * `<dir>/build`. When sources, SDK, compiler and build tool are those of the last build, its artifacts are read back.
 *
 * @example
 * ```ts
 * import { buildContract } from '@touchstone/contracts'
 *
 * const artifacts = await buildContract('contracts/examples/token')
 * artifacts.map(({ contractName }) => contractName) // => [ 'Token' ]
 * ```
 * @throws BuildError with the author's files and lines.
 * @throws SourceError when there is no such folder, no source in it, a file cannot be read, or its `build` is a link.
 */
export async function buildContract(dir: string, options: BuildOptions = {}): Promise<readonly Artifact[]> {
  const out = join(dir, 'build')
  const entry = options.entry ?? DEFAULT_ENTRY
  checkFolder(dir, entry)
  refuseLink(out)
  const reads = new SourceReads((path) => readSourceText(dir, path))
  const sdk = readSdk()
  const tool = toolHash(sdk)
  let reason: CompileReason = 'asked'
  if (!options.force && !options.keepGlue) {
    const built = readBuilt(out, tool, entry, (path) => readSourceText(dir, path))
    if (typeof built !== 'string') return built
    reason = built
  }
  options.onCompile?.(reason)
  // The compiler takes half a second to load: only when it is needed.
  const { compileProgram } = await import('./compileProgram.ts')
  const { modules, glue } = await compileProgram(entry, reads.read, sdk)
  makeFolder(out)
  const written = new Map<string, string | Uint8Array>()
  for (const { artifact, wasm, sourceMap } of modules) {
    written.set(`${artifact.contractName}.wasm`, wasm)
    written.set(`${artifact.contractName}.wasm.map`, sourceMap)
    written.set(`${artifact.contractName}.json`, `${JSON.stringify(artifact, null, 2)}\n`)
    written.set(`${artifact.contractName}.ts`, typedArtifact(artifact))
  }
  for (const [name, content] of written) writeWhole(join(out, name), content)
  if (options.keepGlue) {
    // Links in it, too, which would lead what is written elsewhere.
    rmSync(join(out, 'glue'), { recursive: true, force: true })
    for (const [path, text] of glue) writeGlue(out, path, text)
  }
  const artifacts = modules.map(({ artifact }) => artifact)
  const contracts = artifacts.map((artifact) => artifact.contractName)
  removeStale(out, contracts)
  const [name, stamp] = stampOf(tool, entry, reads.texts, contracts, written)
  writeWhole(join(out, name), stamp)
  return artifacts
}

/**
 * The same contracts, compiled anew with nothing of an earlier build, and nothing written: for whoever does not trust what
 * lies in the folder's `build/`.
 * @throws BuildError as {@link buildContract}
 * @throws SourceError likewise
 */
export async function compileFolder(dir: string, entry: string = DEFAULT_ENTRY): Promise<readonly BuiltModule[]> {
  checkFolder(dir, entry)
  const { compileProgram } = await import('./compileProgram.ts')
  return (await compileProgram(entry, (path) => readSourceText(dir, path), readSdk())).modules
}

/**
 * A folder may come from anybody, and its `build` be a link to another one of the user's: files there of the names of
 * contracts would be written over, and all others that look as if they were built would be removed.
 */
function refuseLink(out: string): void {
  if (lstatSync(out, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return
  const hint = 'remove the link; a build makes the folder itself'
  throw new SourceError(`${shownPath(out)} is a link, and builds write and remove files there`, { hint })
}

function removeStale(out: string, contracts: readonly string[]): void {
  for (const file of readdirSync(out)) {
    const name = /^([^.]+)\.(?:json|ts|wasm|wasm\.map)$/.exec(file)?.[1]
    if (name !== undefined && !contracts.includes(name)) rmSync(join(out, file))
  }
}

function writeGlue(out: string, path: string, text: string): void {
  const target = join(out, 'glue', path.replaceAll('../', ''))
  makeFolder(dirname(target))
  writeWhole(target, text)
}

/**
 * Written beside and renamed: another process building the same never sees half a file.
 * @throws the system's error, with the path, which one of a full disk does not name.
 */
function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, content)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw notWritten(path, error as NodeJS.ErrnoException)
  }
}

/** @throws the system's error, with the path, as of a folder in which nothing may be made */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw notWritten(path, error as NodeJS.ErrnoException)
  }
}

function notWritten(path: string, error: NodeJS.ErrnoException): Error {
  const { code, syscall, message } = error
  return Object.assign(new Error(`cannot write ${path}: ${message}`, { cause: error }), { code, syscall })
}
