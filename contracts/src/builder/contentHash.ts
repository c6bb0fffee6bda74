/** A hash of everything that decides a build's outcome. */

import { readdirSync, readFileSync } from 'node:fs'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { toHex } from './initCode.ts'

const BUILD_TOOL = new URL('./', import.meta.url)

export function contentHash(files: readonly (readonly [string, string])[], compilerVersion: string): string {
  const tool = readdirSync(BUILD_TOOL)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort()
    .map((name) => [name, readFileSync(new URL(name, BUILD_TOOL), 'utf8')])
  return toHex(keccak_256(new TextEncoder().encode(JSON.stringify([compilerVersion, process.version, tool, files]))))
}
