/** The source map of a module that runs on the chain, from the folder of the artifact that it was deployed from. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { MAX_SOURCE_MAP_BYTES, SourceMap } from '@touchstone/contracts'
import { type Hex, keccak256 } from 'viem'
import type { Deployment } from '../contracts/deployments.ts'

export type FoundMap =
  | { readonly map: SourceMap }
  /** Why there are no lines, for people. */
  | { readonly reason: string }

/** `moduleHash`: keccak256 of the module; a file beside the artifact that is another build has other lines. */
export function sourceMapOf(deployment: Deployment | null, moduleHash: Hex): FoundMap {
  const artifact = deployment?.artifact
  if (artifact === undefined) return { reason: 'the address book does not say which file it was deployed from' }
  const wasm = artifact.replace(/\.json$/, '.wasm')
  if (!existsSync(wasm) || keccak256(readFileSync(wasm)) !== moduleHash)
    return { reason: `${wasm} is not the module on the chain: it was built again since` }
  const found = readSourceMap(`${wasm}.map`)
  return found instanceof SourceMap ? { map: found } : { reason: found }
}

/** Of a file; why there is none, for people. */
export function readSourceMap(file: string): SourceMap | string {
  if (!existsSync(file)) return `there is no ${file}`
  if (statSync(file).size > MAX_SOURCE_MAP_BYTES) return `${file} has more than ${MAX_SOURCE_MAP_BYTES} bytes`
  try {
    return new SourceMap(readFileSync(file, 'utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return `${file} is no source map: ${error.message}`
  }
}
