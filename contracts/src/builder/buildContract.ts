/** Builds the contracts of a directory: `assembly/index.ts` in, `build/<Name>.json` and `build/<Name>.wasm` out. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { abiOf } from './abiJson.ts'
import { analyse } from './analyse.ts'
import type { Artifact } from './artifact.ts'
import { asc } from './compiler.ts'
import { compileWasm } from './compileWasm.ts'
import { contentHash } from './contentHash.ts'
import { entrySource } from './generateContract.ts'
import { codeOf, initCodeOf, toHex } from './initCode.ts'
import { BuildError } from './problem.ts'
import { rewrite } from './rewrite.ts'
import { installSdk, readSdk } from './sdk.ts'
import { loadSources, type ReadSource } from './sources.ts'

export interface BuildOptions {
  /** The author's entry file, relative to the directory. Default `assembly/index.ts`. */
  readonly entry?: string
  /** Also write what the compiler got: the rewritten sources and the entry file, under `build/glue`. */
  readonly keepGlue?: boolean
  /** Build even if nothing has changed since the last build. */
  readonly force?: boolean
}

const DEFAULT_ENTRY = 'assembly/index.ts'
const STAMP = '.stamp.json'

/**
 * Builds every class marked @contract that the entry file reaches. Artifacts are also written to `<dir>/build`. When
 * sources, SDK, compiler and build tool are those of the last build, its artifacts are read back.
 * @throws BuildError with the author's files and lines.
 */
export async function buildContract(dir: string, options: BuildOptions = {}): Promise<readonly Artifact[]> {
  const entry = options.entry ?? DEFAULT_ENTRY
  const out = join(dir, 'build')
  const read: ReadSource = (path) => readText(join(dir, path))
  const files = loadSources(entry, read)
  const sdk = readSdk()
  const stamp = contentHash([...sdk, ...files.map((file): [string, string] => [file.path, file.text])], asc.version)
  if (!options.force && !options.keepGlue) {
    const built = readBuilt(out, stamp)
    if (built !== null) return built
  }
  const program = analyse(files)
  if (program.contracts.length === 0) {
    throw new BuildError([{ file: entry, line: 1, column: 1, message: 'no class is marked @contract' }])
  }
  installSdk(sdk)
  const texts = rewrite(program)
  const artifacts: Artifact[] = []
  mkdirSync(out, { recursive: true })
  for (const contract of program.contracts) {
    if ((contract.node.flags & ABSTRACT) !== 0) continue
    const glue = entrySource(contract)
    if (options.keepGlue) writeGlue(out, `__${contract.name}.ts`, glue)
    const wasm = await compileWasm(glue, entry, (path) => texts.get(path) ?? null)
    const code = codeOf(wasm)
    const artifact: Artifact = {
      contractName: contract.name,
      sourceName: contract.file.path,
      abi: abiOf(contract, program),
      bytecode: toHex(initCodeOf(code)),
      deployedBytecode: toHex(code),
      wasmSize: wasm.length,
      compiler: `assemblyscript ${asc.version}`,
    }
    writeFileSync(join(out, `${contract.name}.wasm`), wasm)
    writeFileSync(join(out, `${contract.name}.json`), `${JSON.stringify(artifact, null, 2)}\n`)
    artifacts.push(artifact)
  }
  if (options.keepGlue) for (const [path, text] of texts) writeGlue(out, path, text)
  removeStale(out, artifacts)
  writeFileSync(join(out, STAMP), JSON.stringify({ stamp, contracts: artifacts.map((a) => a.contractName) }))
  return artifacts
}

/** AssemblyScript's flag of an abstract class: a base for others, not built itself. */
const ABSTRACT = 128

function readBuilt(out: string, stamp: string): readonly Artifact[] | null {
  const text = readText(join(out, STAMP))
  if (text === null) return null
  try {
    const saved = JSON.parse(text) as { stamp: string; contracts: string[] }
    if (saved.stamp !== stamp) return null
    return saved.contracts.map((name) => JSON.parse(readFileSync(join(out, `${name}.json`), 'utf8')) as Artifact)
  } catch {
    // A broken or missing file of an earlier build only means building again.
    return null
  }
}

function removeStale(out: string, artifacts: readonly Artifact[]): void {
  const names = new Set(artifacts.map((artifact) => artifact.contractName))
  for (const file of readdirSync(out)) {
    const match = /^(\w+)\.(json|wasm)$/.exec(file)
    if (match !== null && !names.has(match[1] as string)) rmSync(join(out, file))
  }
}

function writeGlue(out: string, path: string, text: string): void {
  const target = join(out, 'glue', path.replaceAll('../', ''))
  mkdirSync(join(target, '..'), { recursive: true })
  writeFileSync(target, text)
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
