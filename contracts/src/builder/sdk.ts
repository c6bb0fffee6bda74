/** The SDK's source files (contracts/as), as the compiler's library. */

import { readdirSync, readFileSync } from 'node:fs'

const SDK_DIRECTORY = new URL('../../as/', import.meta.url)
/** Contracts that test the SDK. */
const FIXTURES = 'fixtures/'

/** SDK files by their path without extension, in order of path. */
export function readSdk(): ReadonlyMap<string, string> {
  const paths = readdirSync(SDK_DIRECTORY, { recursive: true })
    .map((path) => String(path).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.startsWith(FIXTURES))
    .sort()
  return new Map(paths.map((path) => [path.slice(0, -3), readFileSync(new URL(path, SDK_DIRECTORY), 'utf8')]))
}

/**
 * The SDK's module `fixedBytes`: those of Bytes1 to Bytes31 that the author's texts name, each made from Bytes32 by putting
 * another size in.
 */
export function fixedBytesModule(sdk: ReadonlyMap<string, string>, texts: readonly string[]): string {
  const sizes = new Set(texts.flatMap((text) => [...text.matchAll(/\bBytes([1-9]|[12]\d|3[01])\b/g)].map((m) => m[1])))
  const bytes32 = sdk.get('bytes32') ?? ''
  const imports = bytes32.slice(0, bytes32.indexOf('const SIZE')).replace(/^\/\*\*[\s\S]*?\*\/\n/, '')
  const classText = bytes32.slice(bytes32.indexOf('@final'))
  const classes = [...sizes]
    .sort()
    .map((size) => classText.replaceAll('Bytes32', `Bytes${size}`).replaceAll(/\bSIZE\b/g, String(size)))
  return imports + classes.join('\n')
}
