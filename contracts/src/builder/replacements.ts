/**
 * Everything that the build changes in the AssemblyScript compiler: methods of its classes, replaced for the whole
 * process, in this order, so that the first ones stand innermost. They hold for one version of the compiler, which is
 * asked for first.
 */

import { createHash } from 'node:crypto'
import { asc } from './compiler.ts'
import { FIXED_LENGTHS } from './fixedLengths.ts'
import { GUARDS } from './guards/index.ts'
import { internals, type Method, type Replacement } from './internals.ts'
import { LANGUAGE_RULES } from './language/index.ts'
import { LOCAL_USES } from './localUses.ts'
import { MEMORY_SEGMENTS } from './memorySegments.ts'
import { NATIVE_CHECKS } from './nativeChecks.ts'

/** The version whose source the replacements were written against. */
export const COMPILER_VERSION = '0.28.20'
/** SHA-256 over the text of the methods that are replaced, as they are in that version: see {@link methodsDigest}. */
export const METHODS_DIGEST = 'e4583105e608f4014def1972fbce0939fbe5d47f517be94d3e5a59fcb8c12455'

/**
 * Faults of the compiler first; around them what its code should do; around all what a contract's statements mean, and what
 * only looks.
 */
const REPLACEMENTS: Readonly<Record<string, readonly Replacement[]>> = {
  ...GUARDS,
  fixedLengths: FIXED_LENGTHS,
  nativeChecks: NATIVE_CHECKS,
  memorySegments: MEMORY_SEGMENTS,
  language: LANGUAGE_RULES,
  localUses: LOCAL_USES,
}

/**
 * Digest of the replaced methods, each once, in the order of `REPLACEMENTS`. Of the compiler's own only before
 * `changeCompiler`.
 */
function methodsDigest(): string {
  const hash = createHash('sha256')
  const seen = new Set<string>()
  for (const { owner, methods } of Object.values(REPLACEMENTS).flat()) {
    for (const name of methods) {
      if (seen.has(`${owner} ${name}`)) continue
      seen.add(`${owner} ${name}`)
      hash.update(String(internals[owner].prototype[name]))
    }
  }
  return hash.digest('hex')
}

/** @throws Error unless this is the compiler the replacements were written for. */
export function checkCompiler(version: string, digest: string): void {
  if (version === COMPILER_VERSION && digest === METHODS_DIGEST) return
  const found = version === COMPILER_VERSION ? 'has other methods' : `is ${version}`
  throw new Error(
    `the build guards against faults of AssemblyScript ${COMPILER_VERSION}, and the one here ${found}; ` +
      'install that version (npm ci), or review contracts/src/builder/replacements.ts for this one',
  )
}

let changed = false

/**
 * Replaces the methods; does nothing when that is done.
 *
 * @param without names of guards to leave out: for tests that show what happens then
 * @throws Error when the compiler is not the one the replacements were written for
 */
export function changeCompiler(without: readonly string[] = []): void {
  if (changed) return
  checkCompiler(asc.version, methodsDigest())
  changed = true
  for (const [name, replacements] of Object.entries(REPLACEMENTS)) {
    if (without.includes(name)) continue
    for (const { owner, methods, replace } of replacements) {
      const { prototype } = internals[owner]
      for (const method of methods) prototype[method] = replace(prototype[method] as Method)
    }
  }
}
