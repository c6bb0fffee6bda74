/**
 * Guards against faults of the AssemblyScript compiler that would change what a contract says. Each stands in for a method
 * of the compiler, so they hold for one version of it; docs/rationale.md tells the faults.
 */

import { createHash } from 'node:crypto'
import { asc } from '../compiler.ts'
import { binaryOfTruths, bitwiseOfTruths, convertToTruth, noteArithmetic, unaryOfTruth } from './booleans.ts'
import { evaluateWithoutEffects } from './conditions.ts'
import { operandsByValue } from './context.ts'
import { internals, type Method } from './internals.ts'
import { endBody, joinBreaks, noteBreak, noteContinue } from './jumps.ts'
import { loadWithoutMark } from './loads.ts'
import { canOverflow } from './narrowing.ts'
import { powerOfType } from './powers.ts'
import { refuseRotations } from './rotations.ts'

/** The version whose source the guards were written against. */
export const COMPILER_VERSION = '0.28.20'
/** SHA-256 over the text of the methods that are replaced, in the order of `GUARDS`. */
export const METHODS_DIGEST = '133cfcddc756c11568390cded973b9b5ed382945f10c223126e13119e8c1958b'

interface Guard {
  readonly owner: 'Compiler' | 'Flow' | 'Module'
  readonly methods: readonly string[]
  readonly replace: (original: Method) => Method
}

export const GUARDS: Readonly<Record<string, readonly Guard[]>> = {
  narrowing: [{ owner: 'Flow', methods: ['canOverflow'], replace: () => canOverflow }],
  loads: [{ owner: 'Module', methods: ['load'], replace: loadWithoutMark }],
  booleans: [
    { owner: 'Compiler', methods: ['convertExpression'], replace: convertToTruth },
    { owner: 'Compiler', methods: ['makeAnd', 'makeOr', 'makeXor'], replace: bitwiseOfTruths },
    {
      owner: 'Compiler',
      methods: ['makeAdd', 'makeSub', 'makeMul', 'makePow', 'makeDiv', 'makeRem', 'makeShl', 'makeShr', 'makeShru'],
      replace: noteArithmetic,
    },
    { owner: 'Compiler', methods: ['compileBinaryExpression'], replace: binaryOfTruths },
    {
      owner: 'Compiler',
      methods: ['compileUnaryPrefixExpression', 'compileUnaryPostfixExpression'],
      replace: unaryOfTruth,
    },
  ],
  conditions: [{ owner: 'Compiler', methods: ['evaluateCondition'], replace: evaluateWithoutEffects }],
  context: [
    {
      owner: 'Compiler',
      methods: ['compileBinaryExpression', 'compileUnaryPrefixExpression'],
      replace: operandsByValue,
    },
  ],
  powers: [{ owner: 'Compiler', methods: ['makePow'], replace: powerOfType }],
  rotations: [{ owner: 'Compiler', methods: ['compileCallExpressionBuiltin'], replace: refuseRotations }],
  jumps: [
    {
      owner: 'Compiler',
      methods: ['compileDoStatement', 'compileForStatement', 'compileWhileStatement'],
      replace: joinBreaks(true),
    },
    { owner: 'Compiler', methods: ['compileSwitchStatement'], replace: joinBreaks(false) },
    { owner: 'Compiler', methods: ['compileBreakStatement'], replace: noteBreak },
    { owner: 'Compiler', methods: ['compileContinueStatement'], replace: noteContinue },
    { owner: 'Flow', methods: ['popControlFlowLabel'], replace: endBody },
  ],
}

/** Digest of the methods as the installed compiler has them. */
export function methodsDigest(): string {
  const hash = createHash('sha256')
  for (const { owner, methods } of Object.values(GUARDS).flat()) {
    for (const name of methods) hash.update(String(internals[owner].prototype[name]))
  }
  return hash.digest('hex')
}

/** @throws Error unless this is the compiler the guards were written for. */
export function checkCompiler(version: string, digest: string): void {
  if (version === COMPILER_VERSION && digest === METHODS_DIGEST) return
  const found = version === COMPILER_VERSION ? 'has other methods' : `is ${version}`
  throw new Error(
    `the build guards against faults of AssemblyScript ${COMPILER_VERSION}, and the one here ${found}; ` +
      'install that version (npm ci), or review contracts/src/builder/guards for this one',
  )
}

let installed = false

/**
 * Puts the guards in; does nothing when they are in.
 *
 * @param without names of guards to leave out: for tests that show what happens then
 * @throws Error when the compiler is not the one the guards were written for
 */
export function installGuards(without: readonly string[] = []): void {
  if (installed) return
  checkCompiler(asc.version, methodsDigest())
  installed = true
  for (const [name, guards] of Object.entries(GUARDS)) {
    if (without.includes(name)) continue
    for (const { owner, methods, replace } of guards) {
      const { prototype } = internals[owner]
      for (const method of methods) prototype[method] = replace(prototype[method] as Method)
    }
  }
}
