/** A hash of everything that decides a build's outcome. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { toHex } from './initCode.ts'

const BUILD_TOOL = new URL('./', import.meta.url)

export function contentHash(
  sdk: ReadonlyMap<string, string>,
  entry: string,
  sources: readonly string[],
  read: (path: string) => string | null,
): string {
  const tool = readdirSync(BUILD_TOOL, { recursive: true })
    .map((name) => String(name).replaceAll('\\', '/'))
    // In the published package the tool is JavaScript.
    .filter((name) => /\.[jt]s$/.test(name) && !/\.(test|d)\.ts$/.test(name))
    .sort()
    .map((name) => [name, readFileSync(new URL(name, BUILD_TOOL), 'utf8')])
  const author = sources.map((path) => [path, read(path)])
  // Node's version stands for that of its brotli.
  const everything = [compilerVersion(), process.version, tool, [...sdk], entry, author]
  // Only the build reads it, and makes it of all its own text at every start. So it takes the hash that is fastest here.
  return createHash('sha256').update(JSON.stringify(everything)).digest('hex')
}

/** keccak256 of a text's UTF-8. */
export function textHash(text: string): `0x${string}` {
  return toHex(keccak_256(new TextEncoder().encode(text)))
}

function compilerVersion(): string {
  const manifest = readFileSync(new URL(import.meta.resolve('assemblyscript/package.json')), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
