/** The source lines of a module that runs on the chain, from the folder of the file that it was deployed from. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import {
  DwarfLines,
  type LineTable,
  MAX_DEBUG_MODULE_BYTES,
  MAX_SOURCE_MAP_BYTES,
  SourceMap,
} from '@touchstone/contracts'
import { type Hex, keccak256 } from 'viem'
import type { Deployment } from '../contracts/deployments.ts'

export type FoundLines =
  | { readonly map: LineTable }
  /** Why there are no lines, for people. */
  | { readonly reason: string }

/** Most bytes of a source that is named by debug information. */
const MAX_SOURCE_BYTES = 1_048_576

/** `moduleHash`: keccak256 of the module; a file beside the artifact that is another build has other lines. */
export function linesOf(deployment: Deployment | null, moduleHash: Hex): FoundLines {
  const artifact = deployment?.artifact
  if (artifact === undefined) return { reason: 'the address book does not say which file it was deployed from' }
  const wasm = artifact.replace(/\.json$/, '.wasm')
  if (!existsSync(wasm) || keccak256(readFileSync(wasm)) !== moduleHash)
    return { reason: `${wasm} is not the module on the chain: it was built again since` }
  const found = readLines(wasm)
  return typeof found === 'string' ? { reason: found } : { map: found }
}

/**
 * The lines of a file with a module: of its source map, `NAME.wasm.map`, else of the module before it was stripped,
 * `NAME.debug.wasm`. In words why there are none.
 */
export function readLines(wasm: string): LineTable | string {
  const map = `${wasm}.map`
  const debug = debugModuleOf(wasm)
  if (existsSync(map) || !existsSync(debug)) {
    const found = readWhole(map, MAX_SOURCE_MAP_BYTES, (bytes) => new SourceMap(bytes.toString('utf8')), 'a source map')
    return typeof found === 'string' && !existsSync(map) ? `there is neither ${map} nor ${debug}` : found
  }
  const deployed = readFileSync(wasm)
  const read = (bytes: Buffer) => new DwarfLines(bytes, deployed, sourcesBelow(resolve(dirname(wasm), '..'), debug))
  return readWhole(debug, MAX_DEBUG_MODULE_BYTES, read, 'a module with debug information')
}

export function debugModuleOf(wasm: string): string {
  return wasm.replace(/(?:\.wasm)?$/, '.debug.wasm')
}

/** Whether the file is there for its lines, and is no module that is deployed. */
export function isDebugModule(path: string): boolean {
  return path.endsWith('.debug.wasm')
}

function readWhole(file: string, most: number, read: (bytes: Buffer) => LineTable, what: string): LineTable | string {
  if (!existsSync(file)) return `there is no ${file}`
  // A link to a device, or a pipe, has no end.
  if (!statSync(file).isFile()) return `${file} is no file`
  if (statSync(file).size > most) return `${file} has more than ${most} bytes`
  try {
    return read(readFileSync(file))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return `${file} is no ${what.replace(/^an? /, '')}: ${error.message}`
  }
}

/**
 * Files of a project's folder, by their paths below it; the others are libraries. Debug information names any file of the
 * machine: none beyond the folder is opened, nor one that was changed after the module was built.
 */
function sourcesBelow(root: string, debug: string) {
  const below = (path: string, folder = root) => {
    const inside = relative(folder, isAbsolute(path) ? path : join(folder, path))
    return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? null : inside.split(sep).join('/')
  }
  const textOf = (path: string, md5: string | null): string | null => {
    const inside = below(path)
    const file = inside === null ? null : join(root, inside)
    if (file === null || !existsSync(file) || below(realpathSync(file), realpathSync(root)) === null) return null
    const stat = statSync(file)
    if (!stat.isFile() || stat.size > MAX_SOURCE_BYTES) return null
    const bytes = readFileSync(file)
    const isAsCompiled =
      md5 === null ? stat.mtimeMs <= statSync(debug).mtimeMs : createHash('md5').update(bytes).digest('hex') === md5
    return isAsCompiled ? bytes.toString('utf8') : null
  }
  return { nameOf: (path: string) => below(path) ?? path, textOf }
}
