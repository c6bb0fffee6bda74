/** Hashes of everything that decides a build's outcome: of the tool, and of the sources. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { toHex } from './initCode.ts'

/** All of this package's code, of which the build is most. */
const OWN_SOURCES = new URL('../', import.meta.url)

/** Of the code that runs, as it was when this process asked first. */
let ownCode: string | undefined

/**
 * Of the compiler, the build tool, the VM, which judges what is built, and the SDK. Node's version stands for that of its
 * brotli.
 */
export function toolHash(sdk: ReadonlyMap<string, string>): string {
  // The VM is a dependency of this package, and need not be one of the program that this is bundled into.
  const vm = createRequire(new URL('index.js', OWN_SOURCES)).resolve('@touchstone/vm')
  ownCode ??= sha256(JSON.stringify([versions(), sourcesBelow(OWN_SOURCES), sourcesBelow(pathToFileURL(vm))]))
  return sha256(JSON.stringify([ownCode, [...sdk]]))
}

/** Of what a build looked for, in that order: texts by path, and null where there was nothing. */
export function sourcesHash(entry: string, texts: ReadonlyMap<string, string | null>): string {
  return sha256(JSON.stringify([entry, [...texts]]))
}

/** Only the build reads these hashes, and makes them at every start: so they are of the function that is fastest here. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** keccak256 of a text's UTF-8. */
export function textHash(text: string): `0x${string}` {
  return toHex(keccak_256(new TextEncoder().encode(text)))
}

/** @param base the folder, or a file in it */
function sourcesBelow(base: URL): readonly (readonly [path: string, text: string])[] {
  const folder = new URL('./', base)
  return (
    readdirSync(folder, { recursive: true })
      .map((name) => String(name).replaceAll('\\', '/'))
      // In the published package the tool is JavaScript.
      .filter((name) => /\.[jt]s$/.test(name) && !/\.(test|d)\.ts$/.test(name))
      .sort()
      .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const)
  )
}

function versions(): readonly string[] {
  const compiler = import.meta.resolve('assemblyscript/package.json')
  const optimizer = createRequire(compiler).resolve('binaryen/package.json')
  const manifests = [readFileSync(new URL(compiler), 'utf8'), readFileSync(optimizer, 'utf8')]
  return [process.version, ...manifests.map((text) => (JSON.parse(text) as { version: string }).version)]
}
