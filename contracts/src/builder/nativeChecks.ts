/**
 * Failures that WebAssembly or AssemblyScript's library would answer with a trap, which burns all gas, or with a text,
 * answered with Solidity's panics instead. In the compiler, so that the library's and the SDK's code has it as well:
 *
 * - native `/` and `%` by zero: Panic 0x12. MIN / -1 of a signed type: Panic 0x11; MIN % -1 is 0, as in Solidity. A
 *   constant divisor that cannot fail costs nothing.
 * - an index outside an array in memory: Panic 0x32; `pop` and `shift` of an empty one: 0x31; a length that cannot be:
 *   0x41. Strings and typed arrays likewise.
 *
 * This reaches into AssemblyScript 0.28.20 (src/compiler.ts: makeDiv, makeRem, makeAbort), whose version is pinned.
 */

import type { IdentifierNode } from './compiler.ts'
import {
  type Compiler,
  constantOf,
  type ExpressionRef,
  internals,
  type Module,
  type Node,
  type Replacement,
  type Type,
} from './internals.ts'
import { SDK_IMPORT } from './sources.ts'

const { BinaryOp, UnaryOp, TypeRef } = internals

/** The library's messages by the names it has for them (std/assembly/util/error.ts), and the SDK's panics for them. */
const PANICS: Readonly<Record<string, string>> = {
  E_INDEXOUTOFRANGE: 'panicIndex',
  E_EMPTYARRAY: 'panicPop',
  E_INVALIDLENGTH: 'panicMemory',
  E_ALLOCATION_TOO_LARGE: 'panicMemory',
}

export const NATIVE_CHECKS: readonly Replacement[] = [
  {
    owner: 'Compiler',
    methods: ['makeDiv'],
    replace: (makeDiv) =>
      function (this: Compiler, left: ExpressionRef, right: ExpressionRef, type: Type) {
        return makeDiv.call(this, ...checkedOperands(this, left, right, type, true), type)
      },
  },
  {
    owner: 'Compiler',
    methods: ['makeRem'],
    replace: (makeRem) =>
      function (this: Compiler, left: ExpressionRef, right: ExpressionRef, type: Type, at: Node) {
        return makeRem.call(this, ...checkedOperands(this, left, right, type, false), type, at)
      },
  },
  {
    owner: 'Compiler',
    methods: ['makeAbort'],
    replace: (makeAbort) =>
      function (this: Compiler, message: Node | null, at: Node) {
        const panic = PANICS[(message as IdentifierNode | null)?.text ?? '']
        if (panic === undefined || !at.range.source.isLibrary) return makeAbort.call(this, message, at)
        return this.module.block(null, [callSdk(this, panic, []), this.module.unreachable()], TypeRef.Unreachable)
      },
  },
]

/** The operands with a check between them: when the divisor can make the division fail, the SDK decides. */
function checkedOperands(
  compiler: Compiler,
  left: ExpressionRef,
  right: ExpressionRef,
  type: Type,
  isDivision: boolean,
): readonly [ExpressionRef, ExpressionRef] {
  if (!type.isIntegerValue) return [left, right]
  const canOverflow = isDivision && type.isSignedIntegerValue
  const constant = constantIn(type, right)
  if (constant !== null && constant !== 0n && !(canOverflow && constant === -1n)) return [left, right]
  const { module, currentFlow } = compiler
  const ref = type.toRef()
  const wrapped = (value: ExpressionRef) =>
    type.isShortIntegerValue ? compiler.ensureSmallIntegerWrap(value, type) : value
  const divisor = currentFlow.getTempLocal(type).index
  const again = () => module.local_get(divisor, ref)
  const set = module.local_tee(divisor, wrapped(right), false, ref)
  if (!canOverflow) {
    const isZero = module.unary(op(UnaryOp, 'Eqz', type), set)
    const check = module.if(isZero, callSdk(compiler, 'panicDivision', []))
    return [left, module.block(null, [check, again()], ref)]
  }
  const dividend = currentFlow.getTempLocal(type).index
  const kept = module.local_tee(dividend, wrapped(left), false, ref)
  // 0 and -1 are what can fail: one comparison finds both.
  const next = module.binary(op(BinaryOp, 'Add', type), set, constantExpression(module, 1n, type))
  const isSuspect = module.binary(op(BinaryOp, 'LeU', type), next, constantExpression(module, 1n, type))
  const smallest = constantExpression(module, -(1n << BigInt(type.size - 1)), type)
  const isSmallest = module.binary(op(BinaryOp, 'Eq', type), module.local_get(dividend, ref), smallest)
  const isZero = module.unary(op(UnaryOp, 'Eqz', type), again())
  const check = module.if(isSuspect, callSdk(compiler, 'checkDivision', [isZero, isSmallest]))
  return [kept, module.block(null, [check, again()], ref)]
}

/** The value of a constant in the type, of which the expression may have bits above: `<u8>512` is 0. */
function constantIn(type: Type, value: ExpressionRef): bigint | null {
  const constant = constantOf(value)
  if (constant === null) return null
  return type.isSignedIntegerValue ? BigInt.asIntN(type.size, constant) : BigInt.asUintN(type.size, constant)
}

/** A call of a function in the SDK's `nativeChecks`, which is compiled when it is first asked for. */
function callSdk(compiler: Compiler, name: string, operands: ExpressionRef[]): ExpressionRef {
  const { currentType } = compiler
  const prototype = compiler.program.elementsByName.get(`~lib/${SDK_IMPORT}/nativeChecks/${name}`)
  const instance = prototype === undefined ? null : compiler.resolver.resolveFunction(prototype, null)
  if (instance === null || !compiler.compileFunction(instance)) throw new Error(`the SDK has no ${name}`)
  compiler.currentType = currentType
  return compiler.module.call(instance.internalName, operands, TypeRef.None)
}

function constantExpression(module: Module, value: bigint, type: Type): ExpressionRef {
  if (!type.isLongIntegerValue) return module.i32(Number(value))
  return module.i64(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))
}

function op(ops: Readonly<Record<string, number>>, name: string, type: Type): number {
  const [verb, unsigned] = name.endsWith('U') ? [name.slice(0, -1), 'U'] : [name, 'I']
  return ops[`${verb}${type.isLongIntegerValue ? `${unsigned}64` : `${unsigned}32`}`] as number
}
