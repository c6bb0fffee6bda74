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

import { type AstNode, type IdentifierNode, parser } from './compiler.ts'
import { SDK_IMPORT } from './sources.ts'

type ExpressionRef = number

interface NativeType {
  readonly size: number
  readonly isIntegerValue: boolean
  readonly isSignedIntegerValue: boolean
  readonly isShortIntegerValue: boolean
  readonly isLongIntegerValue: boolean
  toRef(): number
}

interface PlacedNode extends AstNode {
  readonly range: AstNode['range'] & { readonly source: { readonly isLibrary: boolean } }
}

interface CompilerModule {
  i32(value: number): ExpressionRef
  i64(low: number, high: number): ExpressionRef
  unary(op: number, value: ExpressionRef): ExpressionRef
  binary(op: number, left: ExpressionRef, right: ExpressionRef): ExpressionRef
  local_get(index: number, type: number): ExpressionRef
  local_tee(index: number, value: ExpressionRef, isManaged: boolean, type: number): ExpressionRef
  if(condition: ExpressionRef, then: ExpressionRef): ExpressionRef
  block(label: null, children: ExpressionRef[], type: number): ExpressionRef
  call(target: string, operands: ExpressionRef[], type: number): ExpressionRef
  unreachable(): ExpressionRef
}

interface CompilerInstance {
  readonly module: CompilerModule
  readonly program: { readonly elementsByName: ReadonlyMap<string, object> }
  readonly resolver: { resolveFunction(prototype: object, types: null): { readonly internalName: string } | null }
  readonly currentFlow: { getTempLocal(type: NativeType): { readonly index: number } }
  currentType: unknown
  compileFunction(instance: object): boolean
  ensureSmallIntegerWrap(value: ExpressionRef, type: NativeType): ExpressionRef
  makeDiv(left: ExpressionRef, right: ExpressionRef, type: NativeType): ExpressionRef
  makeRem(left: ExpressionRef, right: ExpressionRef, type: NativeType, node: AstNode): ExpressionRef
  makeAbort(message: AstNode | null, node: PlacedNode): ExpressionRef
}

interface CompilerInternals {
  readonly Compiler: { readonly prototype: CompilerInstance }
  readonly BinaryOp: Readonly<Record<string, number>>
  readonly UnaryOp: Readonly<Record<string, number>>
  readonly TypeRef: Readonly<Record<string, number>>
  readonly ExpressionId: Readonly<Record<string, number>>
  getExpressionId(value: ExpressionRef): number
  getExpressionType(value: ExpressionRef): number
  getConstValueI32(value: ExpressionRef): number
  getConstValueI64Low(value: ExpressionRef): number
  getConstValueI64High(value: ExpressionRef): number
}

const internals = parser as unknown as CompilerInternals
const { BinaryOp, UnaryOp, TypeRef, ExpressionId } = internals

/** The library's messages by the names it has for them (std/assembly/util/error.ts), and the SDK's panics for them. */
const PANICS: Readonly<Record<string, string>> = {
  E_INDEXOUTOFRANGE: 'panicIndex',
  E_EMPTYARRAY: 'panicPop',
  E_INVALIDLENGTH: 'panicMemory',
  E_ALLOCATION_TOO_LARGE: 'panicMemory',
}

let installed = false

/** Changes the compiler of this process, once. */
export function installNativeChecks(): void {
  if (installed) return
  installed = true
  const compiler = internals.Compiler.prototype
  const { makeDiv, makeRem, makeAbort } = compiler
  compiler.makeDiv = function (left, right, type) {
    const [dividend, divisor] = checkedOperands(this, left, right, type, true)
    return makeDiv.call(this, dividend, divisor, type)
  }
  compiler.makeRem = function (left, right, type, node) {
    const [dividend, divisor] = checkedOperands(this, left, right, type, false)
    return makeRem.call(this, dividend, divisor, type, node)
  }
  compiler.makeAbort = function (message, node) {
    const panic = PANICS[(message as IdentifierNode | null)?.text ?? '']
    if (panic === undefined || !node.range.source.isLibrary) return makeAbort.call(this, message, node)
    return this.module.block(
      null,
      [callSdk(this, panic, []), this.module.unreachable()],
      TypeRef['Unreachable'] as number,
    )
  }
}

/** The operands with a check between them: when the divisor can make the division fail, the SDK decides. */
function checkedOperands(
  compiler: CompilerInstance,
  left: ExpressionRef,
  right: ExpressionRef,
  type: NativeType,
  isDivision: boolean,
): readonly [ExpressionRef, ExpressionRef] {
  if (!type.isIntegerValue) return [left, right]
  const canOverflow = isDivision && type.isSignedIntegerValue
  const constant = constantOf(right)
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

/** A call of a function in the SDK's `nativeChecks`, which is compiled when it is first asked for. */
function callSdk(compiler: CompilerInstance, name: string, operands: ExpressionRef[]): ExpressionRef {
  const { currentType } = compiler
  const prototype = compiler.program.elementsByName.get(`~lib/${SDK_IMPORT}/nativeChecks/${name}`)
  const instance = prototype === undefined ? null : compiler.resolver.resolveFunction(prototype, null)
  if (instance === null || !compiler.compileFunction(instance)) throw new Error(`the SDK has no ${name}`)
  compiler.currentType = currentType
  return compiler.module.call(instance.internalName, operands, TypeRef['None'] as number)
}

function constantOf(value: ExpressionRef): bigint | null {
  if (internals.getExpressionId(value) !== ExpressionId['Const']) return null
  const isLong = internals.getExpressionType(value) === TypeRef['I64']
  if (!isLong) return BigInt(internals.getConstValueI32(value))
  const high = BigInt(internals.getConstValueI64High(value))
  return (high << 32n) | BigInt.asUintN(32, BigInt(internals.getConstValueI64Low(value)))
}

function constantExpression(module: CompilerModule, value: bigint, type: NativeType): ExpressionRef {
  if (!type.isLongIntegerValue) return module.i32(Number(value))
  return module.i64(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))
}

function op(ops: Readonly<Record<string, number>>, name: string, type: NativeType): number {
  const [verb, unsigned] = name.endsWith('U') ? [name.slice(0, -1), 'U'] : [name, 'I']
  return ops[`${verb}${type.isLongIntegerValue ? `${unsigned}64` : `${unsigned}32`}`] as number
}
