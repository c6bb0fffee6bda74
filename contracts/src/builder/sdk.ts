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

/** The start of the name of the class that stands for a length: see {@link fixedLengthsModule}. */
export const LENGTH_PREFIX = '__'
/** Elements of a FixedArray: more than fit in one call are for storage. */
export const MAX_FIXED_LENGTH = 65_536
/**
 * Space and comments, as they may stand between a comma and a number: the source of a regular expression. Comments are
 * short, so that a text full of commas and unfinished comments takes no longer than others.
 */
export const BETWEEN = String.raw`(?:\s|\/\*(?:(?!\*\/)[\s\S]){0,200}\*\/|\/\/[^\n]{0,200}\n)*`
const LENGTH = new RegExp(`,${BETWEEN}([1-9]\\d{0,5})\\s*>`, 'g')

/**
 * The SDK's module `fixedLengths`: a class for each number that the author's texts have in the place of a type's argument
 * (`FixedArray<U256, 3>`), which every file knows, as numbers are not imported.
 */
export function fixedLengthsModule(texts: readonly string[]): string {
  const numbers = texts.flatMap((text) => [...text.matchAll(LENGTH)].map((match) => Number(match[1])))
  const lengths = [...new Set(numbers)].filter((length) => length <= MAX_FIXED_LENGTH).sort((a, b) => a - b)
  return lengths
    .map(
      (n) =>
        `@global @final @unmanaged export class ${LENGTH_PREFIX}${n} { @inline __length(): i32 { return ${n} } }\n`,
    )
    .join('')
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
