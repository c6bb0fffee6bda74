/**
 * Guards against faults of the AssemblyScript compiler that would change what a contract says, by their names;
 * docs/rationale/contracts.md tells the faults.
 */

import type { Replacement } from '../internals.ts'
import { binaryOfTruths, bitwiseOfTruths, convertToTruth, noteArithmetic, unaryOfTruth } from './booleans.ts'
import { evaluateWithoutEffects } from './conditions.ts'
import { operandsByValue } from './context.ts'
import { endBody, joinBreaks, noteBreak, noteContinue } from './jumps.ts'
import { loadWithoutMark } from './loads.ts'
import { canOverflow } from './narrowing.ts'
import { powerOfType } from './powers.ts'
import { refuseRotations } from './rotations.ts'

export const GUARDS: Readonly<Record<string, readonly Replacement[]>> = {
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
