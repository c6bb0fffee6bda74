/**
 * The stamp of a build, `build/.stamp`, by which the next one knows whether the files there are still those that it would
 * make: hashes of the tool, of all that the build looked for, and of what it wrote.
 */

import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Artifact } from './artifact.ts'
import { sha256, sourcesHash } from './contentHash.ts'
import type { ReadSource } from './sources.ts'

/**
 * Why the artifacts of the last build do not do: there are none, or not all (`new`), a source is another (`source`), or the
 * sources are the same and the compiler, the SDK, the build tool or Node is another, or somebody wrote over what was built
 * (`tool`). `asked`: they may do, and are made all the same.
 */
export type CompileReason = 'new' | 'source' | 'tool' | 'asked'

interface Stamp {
  readonly tool: string
  readonly sources: string
  /** Files that the build looked for, found or not: one that appears may be found sooner than the one that was. */
  readonly paths: readonly string[]
  readonly contracts: readonly string[]
  /** SHA-256 by name. */
  readonly files: Readonly<Record<string, string>>
}

const STAMP = '.stamp'
/** Bytes of a stamp, and of a file that was built. A folder may come from anybody, with a link to what never ends. */
const MOST_BUILT_BYTES = 64 * 1024 * 1024

/** Reads each path once: a build that takes seconds sees its sources as they were, and the stamp says what it saw. */
export class SourceReads {
  readonly texts = new Map<string, string | null>()
  readonly #read: ReadSource

  constructor(read: ReadSource) {
    this.#read = read
  }

  readonly read: ReadSource = (path) => {
    const known = this.texts.get(path)
    if (known !== undefined) return known
    const text = this.#read(path)
    this.texts.set(path, text)
    return text
  }
}

/** The stamp's name in `build/`, and its text. */
export function stampOf(
  tool: string,
  entry: string,
  texts: ReadonlyMap<string, string | null>,
  contracts: readonly string[],
  written: ReadonlyMap<string, string | Uint8Array>,
): readonly [name: string, text: string] {
  const stamp: Stamp = {
    tool,
    sources: sourcesHash(entry, texts),
    paths: [...texts.keys()],
    contracts,
    files: Object.fromEntries([...written].map(([name, content]) => [name, sha256(content)])),
  }
  return [STAMP, JSON.stringify(stamp)]
}

/**
 * The artifacts of the last build, or why they do not do.
 * @param out the folder with the stamp, and what was built
 */
export function readBuilt(
  out: string,
  tool: string,
  entry: string,
  read: ReadSource,
): readonly Artifact[] | CompileReason {
  try {
    const stamp = JSON.parse(readWhole(out, STAMP).toString()) as Stamp
    const reads = new SourceReads(read)
    for (const path of stamp.paths) reads.read(path)
    if (stamp.sources !== sourcesHash(entry, reads.texts)) return 'source'
    if (stamp.tool !== tool) return 'tool'
    const files = new Map(Object.keys(stamp.files).map((name) => [name, readWhole(out, name)]))
    for (const [name, content] of files) if (sha256(content) !== stamp.files[name]) return 'tool'
    const artifacts = stamp.contracts.map((name) => JSON.parse(String(files.get(`${name}.json`))) as Artifact)
    return artifacts.every((artifact, position) => isArtifact(artifact, stamp.contracts[position]!))
      ? artifacts
      : 'tool'
  } catch {
    // A broken or missing file of an earlier build only means building again.
    return 'new'
  }
}

/** @throws Error for what is no file of that folder, or not of a build's size. */
function readWhole(out: string, name: string): Buffer {
  const stats = statSync(join(out, basename(name)))
  if (!stats.isFile() || stats.size > MOST_BUILT_BYTES) throw new Error(`${name} is not of a build`)
  return readFileSync(join(out, basename(name)))
}

/** The stamp may be somebody else's, too. */
function isArtifact(json: Partial<Artifact> | null, name: string): boolean {
  const { contractName, abi, bytecode, deployedBytecode, wasmSize } = json ?? {}
  const isHex = [bytecode, deployedBytecode].every(
    (text) => typeof text === 'string' && /^0x([0-9a-f]{2})+$/.test(text),
  )
  return contractName === name && Array.isArray(abi) && isHex && Number.isSafeInteger(wasmSize)
}
