/**
 * Native integers of an author's code panic with 0x11 where `+`, `-`, `*`, `**`, `++`, `--` or a sign would leave their
 * type, as Solidity's do since 0.8, unless the code asks for what wraps. `usize` and `isize` are addresses, and wrap, as
 * does the code of the SDK and of AssemblyScript's library. An operation that cannot overflow, as far as its own nodes
 * tell, costs nothing more.
 */

import { valueRange } from '../guards/valueRange.ts'
import type { Compiler, ExpressionRef, Local, Node, Replacement, Type, Unary } from '../internals.ts'
import { constantOf, internals, numberOf } from '../internals.ts'
import { SDK_IMPORT } from '../sources.ts'
import { around, ELEMENT, elementOf, type Hook, isAuthors, typeOf } from './hooks.ts'
import { bare, INCREMENTS, KIND } from './nodes.ts'
import { boundOf, isUnchecked, isUncheckedCall, textStatement } from './uncheckedCode.ts'

const { BinaryOp, UnaryOp, Token, TypeRef, TypeKind, LocalFlags, Node: Nodes } = internals
const WRAPPED = numberOf(LocalFlags, 'Wrapped')
const MINUS = numberOf(Token, 'Minus')
/** ExpressionRunnerFlags.PreserveSideeffects: `x = 5` is no constant, as what stands for one is left out. */
const PRESERVE = 1
const CHECKS = `~lib/${SDK_IMPORT}/nativeChecks`

type Sign = '+' | '-' | '*'
/** Words of the operations in names of instructions. */
const VERBS = { '+': 'Add', '-': 'Sub', '*': 'Mul' } as const

/** The last rules, so that they stand around all others: what those make of a statement is checked too. */
export const CHECKED_INTEGER_RULES: readonly Replacement[] = [
  around('compileBinaryExpression', ({ session }, original, node, type, constraints) => {
    const { checked } = session
    session.checked = isAuthors(node) && !isUnchecked(node) ? node : null
    try {
      return original(node, type, constraints)
    } finally {
      session.checked = checked
    }
  }),
  ...(['+', '-', '*'] as const).map((sign) =>
    around(`make${VERBS[sign]}`, (hook, original, left, right, type) => {
      if (hook.session.checked === null || !isCounted(type)) return original(left, right, type)
      return checkedOperation(hook, sign, left, right, type)
    }),
  ),
  around('makePow', (hook, original, left, right, type, at) => {
    const { compiler, session } = hook
    if (session.checked === null || !isCounted(type)) return original(left, right, type, at)
    const [base, exponent] = [constant(compiler, left, type), constant(compiler, right, type)]
    if (base !== null && exponent !== null && exponent >= 0n && exponent < 256n) {
      return isOutside(base ** exponent, type) ? unfit(hook, type) : original(left, right, type, at)
    }
    return callCheck(compiler, 'checkedPow', [wrapped(compiler, left, type), wrapped(compiler, right, type)], type)
  }),
  around('compileUnaryPostfixExpression', (hook, original, node, type, constraints) =>
    isCheckedStep(hook, node) ? step(hook, node, type, true) : original(node, type, constraints),
  ),
  around('compileUnaryPrefixExpression', (hook, original, node, type, constraints) => {
    if (isCheckedStep(hook, node)) return step(hook, node, type, false)
    return isCheckedSign(hook, node, type) ? negated(hook, node, type) : original(node, type, constraints)
  }),
  around('compileCallExpression', ({ compiler }, original, call, type, constraints) => {
    // AssemblyScript's own leaves out the check of an index too.
    if (isAuthors(call) && isUncheckedCall(call)) return compiler.compileExpression(call.args[0] as Node, type)
    return original(call, type, constraints)
  }),
  around('compileExpressionStatement', ({ compiler }, original, statement) =>
    // A text that is a statement says something to the build; it would take memory.
    isAuthors(statement) && textStatement(statement) !== null ? compiler.module.nop() : original(statement),
  ),
]

/** Whether a type's values are numbers of an author's: not truths, addresses or references. */
function isCounted(type: Type): boolean {
  const others = [TypeKind.Bool, TypeKind.Isize, TypeKind.Usize]
  return type.isIntegerValue && !type.isReference && !others.includes(type.kind)
}

function limits(type: Type): readonly [bigint, bigint] {
  const bits = BigInt(type.size)
  return type.isSignedIntegerValue ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n]
}

function isOutside(value: bigint, type: Type): boolean {
  const [low, high] = limits(type)
  return value < low || value > high
}

/** An operation that always panics; what literals say is refused (amounts.ts), this is of other constants. */
function unfit({ compiler }: Hook, type: Type): ExpressionRef {
  const { module } = compiler
  const value = type.isLongIntegerValue ? module.i64(0, 0) : module.i32(0)
  return module.block(null, [callCheck(compiler, 'panicOverflow', [], internals.Type.void), value], type.toRef())
}

/** The value of an expression of constants, in its type; null for any other. */
function constant({ module }: Compiler, expr: ExpressionRef, type: Type): bigint | null {
  const value = constantOf(expr) ?? constantOf(module.runExpression(expr, PRESERVE))
  if (value === null) return null
  return type.isSignedIntegerValue ? BigInt.asIntN(type.size, value) : BigInt.asUintN(type.size, value)
}

function exact(sign: Sign, left: bigint, right: bigint): bigint {
  return sign === '+' ? left + right : sign === '-' ? left - right : left * right
}

function checkedOperation(
  hook: Hook,
  sign: Sign,
  left: ExpressionRef,
  right: ExpressionRef,
  type: Type,
): ExpressionRef {
  const { compiler } = hook
  const [a, b] = [constant(compiler, left, type), constant(compiler, right, type)]
  const plain = (one: ExpressionRef, other: ExpressionRef) =>
    compiler.module.binary(code(BinaryOp, VERBS[sign], 'I', type), one, other)
  if (a !== null && b !== null) {
    return isOutside(exact(sign, a, b), type) ? unfit(hook, type) : plain(left, right)
  }
  if (cannotOverflow(sign, left, right, type)) return plain(left, right)
  const make = new Checked(compiler, type)
  if (type.isShortIntegerValue) return make.small(sign, left, right)
  if (sign === '*') return make.product(left, right, a, b)
  if (b !== null) return make.byConstant(sign, left, b)
  if (a !== null && sign === '+') return make.byConstant(sign, right, a)
  return make.sum(sign, left, right)
}

/** Whether what the operands' own nodes tell of them is enough. */
function cannotOverflow(sign: Sign, left: ExpressionRef, right: ExpressionRef, type: Type): boolean {
  if (type.size > 32) return false
  const [a, b] = [valueRange(left), valueRange(right)].map(({ low, high }) => [BigInt(low), BigInt(high)] as const)
  const ends = (a ?? []).flatMap((x) => (b ?? []).map((y) => exact(sign, x, y)))
  // The bits of a small value above its type are not its own, so only what has none is known.
  const areOwn = [...(a ?? []), ...(b ?? [])].every((end) => !isOutside(end, type))
  return areOwn && ends.every((end) => !isOutside(end, type))
}

/** Instructions for one operation of a type. */
class Checked {
  readonly #compiler: Compiler
  readonly #type: Type

  constructor(compiler: Compiler, type: Type) {
    this.#compiler = compiler
    this.#type = type
  }

  /** Of 8 and 16 bits, in 32, in which nothing is lost. */
  small(sign: Sign, left: ExpressionRef, right: ExpressionRef): ExpressionRef {
    const operands = [left, right].map((one) => wrapped(this.#compiler, one, this.#type))
    const result = this.#local()
    const value = this.#binary(VERBS[sign], 'I', operands[0] as ExpressionRef, operands[1] as ExpressionRef)
    return this.#unless(
      [this.#set(result, value)],
      this.#binary('Ne', 'I', this.#get(result), this.#cut(this.#get(result))),
      this.#get(result),
    )
  }

  /** `+` and `-` of 32 and 64 bits. */
  sum(sign: '+' | '-', left: ExpressionRef, right: ExpressionRef): ExpressionRef {
    const [a, b] = [this.#local(), this.#local()]
    const sets = [this.#set(a, left), this.#set(b, right)]
    const value = () => this.#binary(VERBS[sign], 'I', this.#get(a), this.#get(b))
    if (!this.#type.isSignedIntegerValue && sign === '-') {
      return this.#unless(sets, this.#binary('Lt', 'U', this.#get(a), this.#get(b)), value())
    }
    const result = this.#local()
    sets.push(this.#set(result, value()))
    if (!this.#type.isSignedIntegerValue) {
      return this.#unless(sets, this.#binary('Lt', 'U', this.#get(result), this.#get(a)), this.#get(result))
    }
    // The result's sign is neither that of a, nor that of b (of a sum) or of -b - 1 (of a difference).
    const one = this.#binary('Xor', 'I', this.#get(a), this.#get(sign === '+' ? result : b))
    const other = this.#binary('Xor', 'I', this.#get(sign === '+' ? b : a), this.#get(result))
    const signs = this.#binary('And', 'I', one, other)
    return this.#unless(sets, this.#binary('Lt', 'I', signs, this.#constant(0n)), this.#get(result))
  }

  /** `+` and `-` of a constant: one comparison of the result, or of what is to be less, with another constant. */
  byConstant(sign: '+' | '-', value: ExpressionRef, by: bigint): ExpressionRef {
    const [low, high] = limits(this.#type)
    if (this.#type.isSignedIntegerValue) {
      const result = this.#local()
      const set = this.#set(result, this.#binary(VERBS[sign], 'I', value, this.#constant(by)))
      const step = sign === '+' ? by : -by
      const isWrong =
        step >= 0n
          ? this.#binary('Lt', 'I', this.#get(result), this.#constant(low + step))
          : this.#binary('Gt', 'I', this.#get(result), this.#constant(high + step))
      return this.#unless([set], isWrong, this.#get(result))
    }
    const local = this.#local()
    if (sign === '+') {
      const set = this.#set(local, this.#binary('Add', 'I', value, this.#constant(by)))
      return this.#unless([set], this.#binary('Lt', 'U', this.#get(local), this.#constant(by)), this.#get(local))
    }
    const set = this.#set(local, value)
    const isWrong = this.#binary('Lt', 'U', this.#get(local), this.#constant(by))
    return this.#unless([set], isWrong, this.#binary('Sub', 'I', this.#get(local), this.#constant(by)))
  }

  /** Of 32 bits in 64; of 64 bits by a constant with one comparison, otherwise by a function. */
  product(left: ExpressionRef, right: ExpressionRef, a: bigint | null, b: bigint | null): ExpressionRef {
    const { module } = this.#compiler
    const type = this.#type
    const known = b ?? a
    if (type.isLongIntegerValue) {
      if (known === null || known <= 0n || type.isSignedIntegerValue) {
        return callCheck(this.#compiler, 'checkedMul', [left, right], type)
      }
      const local = this.#local()
      const set = this.#set(local, b === null ? right : left)
      const isWrong = this.#binary('Gt', 'U', this.#get(local), this.#constant(limits(type)[1] / known))
      return this.#unless([set], isWrong, this.#binary('Mul', 'I', this.#get(local), this.#constant(known)))
    }
    const extend = (value: ExpressionRef) =>
      module.unary(UnaryOp[type.isSignedIntegerValue ? 'ExtendI32ToI64' : 'ExtendU32ToU64'] as number, value)
    const cut = (value: ExpressionRef) => module.unary(UnaryOp['WrapI64ToI32'] as number, value)
    const wide = this.#compiler.currentFlow.getTempLocal(internals.Type.i64)
    const get = () => module.local_get(wide.index, TypeRef.I64)
    const value = module.binary(BinaryOp['MulI64'] as number, extend(left), extend(right))
    const set = module.local_set(wide.index, value, false)
    const isWrong = module.binary(BinaryOp['NeI64'] as number, get(), extend(cut(get())))
    return this.#unless([set], isWrong, cut(get()))
  }

  /** The bits of a small value, with its sign. */
  #cut(value: ExpressionRef): ExpressionRef {
    const { module } = this.#compiler
    const { size, isSignedIntegerValue } = this.#type
    if (isSignedIntegerValue) return module.unary(UnaryOp[size === 8 ? 'Extend8I32' : 'Extend16I32'] as number, value)
    return module.binary(BinaryOp['AndI32'] as number, value, module.i32((1 << size) - 1))
  }

  #local(): Local {
    const local = this.#compiler.currentFlow.getTempLocal(this.#type)
    // Nothing goes on with a value that is not of the type.
    this.#compiler.currentFlow.setLocalFlag(local.index, WRAPPED)
    return local
  }

  #set(local: Local, value: ExpressionRef): ExpressionRef {
    return this.#compiler.module.local_set(local.index, value, false)
  }

  #get(local: Local): ExpressionRef {
    return this.#compiler.module.local_get(local.index, this.#type.toRef())
  }

  #constant(value: bigint): ExpressionRef {
    const { module } = this.#compiler
    if (!this.#type.isLongIntegerValue) return module.i32(Number(BigInt.asIntN(32, value)))
    return module.i64(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))
  }

  #binary(verb: string, signedness: 'I' | 'U', left: ExpressionRef, right: ExpressionRef): ExpressionRef {
    return this.#compiler.module.binary(code(BinaryOp, verb, signedness, this.#type), left, right)
  }

  #unless(before: readonly ExpressionRef[], isWrong: ExpressionRef, value: ExpressionRef): ExpressionRef {
    const { module } = this.#compiler
    const panic = module.if(isWrong, callCheck(this.#compiler, 'panicOverflow', [], internals.Type.void))
    return module.block(null, [...before, panic, value], this.#type.toRef())
  }
}

function code(codes: Readonly<Record<string, number>>, verb: string, signedness: string, type: Type): number {
  return numberOf(codes, `${verb}${signedness}${type.isLongIntegerValue ? 64 : 32}`)
}

function wrapped(compiler: Compiler, value: ExpressionRef, type: Type): ExpressionRef {
  return type.isShortIntegerValue ? compiler.ensureSmallIntegerWrap(value, type) : value
}

/** A call of a function in the SDK's `nativeChecks`; of one for a type that returns something, in that type. */
function callCheck(compiler: Compiler, name: string, operands: ExpressionRef[], type: Type): ExpressionRef {
  const { currentType } = compiler
  const prototype = compiler.program.elementsByName.get(`${CHECKS}/${name}`)
  const types = operands.length === 0 ? null : [type]
  const instance = prototype === undefined ? null : compiler.resolver.resolveFunction(prototype, types)
  if (instance === null || !compiler.compileFunction(instance)) throw new Error(`the SDK has no ${name}`)
  compiler.currentType = operands.length === 0 ? currentType : type
  return compiler.module.call(instance.internalName, operands, type.toRef())
}

/** The type of a number that `++` or `--` changes, or a sign is put before, where that is checked; null otherwise. */
function checkedType(hook: Hook, node: Unary, context: Type): Type | null {
  if (!isAuthors(node) || isUnchecked(node) || bare(node.operand).kind === KIND.literal) return null
  const type = typeOf(hook, bare(node.operand), context)
  return type !== null && isCounted(type) ? type : null
}

function isCheckedStep(hook: Hook, node: Unary): boolean {
  if (!INCREMENTS.includes(node.operator)) return false
  const type = checkedType(hook, node, internals.Type.auto)
  if (type === null) return false
  const bound = boundOf(node)
  if (bound === null || elementOf(hook, bare(node.operand))?.kind !== ELEMENT.local) return true
  return typeOf(hook, bound, type) !== type
}

function isCheckedSign(hook: Hook, node: Unary, context: Type): boolean {
  return node.operator === MINUS && checkedType(hook, node, wanted(context)) !== null
}

/** The type that numbers without one of their own take on. */
function wanted(context: Type): Type {
  return context === internals.Type.void ? internals.Type.auto : context
}

/** `x++` as `x += 1`, of which the old value is one less. */
function step(hook: Hook, node: Unary, context: Type, isPostfix: boolean): ExpressionRef {
  const { compiler } = hook
  const { module } = compiler
  const type = checkedType(hook, node, internals.Type.auto) as Type
  const one = () => (type.isLongIntegerValue ? module.i64(1, 0) : module.i32(1))
  const isUp = node.operator === INCREMENTS[0]
  const by = Nodes.createCompiledExpression(one(), type, node.range)
  const operator = numberOf(Token, isUp ? 'Plus_Equals' : 'Minus_Equals')
  const sum = Nodes.createBinaryExpression(operator, node.operand, by, node.range)
  const isDropped = context === internals.Type.void
  const changed = compiler.compileExpression(sum, isDropped ? context : type)
  if (!isPostfix || isDropped) return changed
  compiler.currentType = type
  return module.binary(code(BinaryOp, isUp ? 'Sub' : 'Add', 'I', type), changed, one())
}

/** `-x` as `0 - x`. */
function negated(hook: Hook, node: Unary, context: Type): ExpressionRef {
  const { compiler, session } = hook
  const value = compiler.compileExpression(node.operand, wanted(context))
  const type = compiler.currentType
  const zero = type.isLongIntegerValue ? compiler.module.i64(0, 0) : compiler.module.i32(0)
  const { checked } = session
  session.checked = node
  const result = checkedOperation(hook, '-', zero, value, type)
  session.checked = checked
  compiler.currentType = type
  return result
}
