/**
 * Memory that the rounds of a loop leave behind is given back. Values (U256, Address, BytesN) are objects that each
 * operation makes anew, so a long loop would fill the memory of a call with what nothing points to any more.
 *
 * At the beginning of a round nothing is needed of the rounds before but what variables from outside the loop hold, if no
 * code that the loop runs keeps a pointer elsewhere. So each such loop gets a test of how much its rounds have taken; when
 * that is much, the values of those variables are saved, the memory is cleared, and they are put at its beginning: values
 * are immutable, so nobody can tell a copy. Whether code keeps pointers is asked of the module (`keptPointers.ts`); the
 * answer is a constant, by which Binaryen takes the test out of loops that are not to have it.
 */

import { walk } from '../astNodes.ts'
import type { VariableNode } from '../compiler.ts'
import {
  type ExpressionRef,
  type FunctionInstance,
  internals,
  type Local,
  type Node,
  numberOf,
  type Range,
  type Replacement,
  type Type,
} from '../internals.ts'
import { isInPackage } from '../packages.ts'
import { isPart } from '../sources.ts'
import { around, ELEMENT, type Hook, isAuthors, sdkFunction } from './hooks.ts'
import { asIdentifier, asProperty, bare, KIND, targetOf } from './nodes.ts'
import { SDK } from './sdkNames.ts'
import { statementsIn, textStatement } from './uncheckedCode.ts'

const { NodeKind, CommonFlags, Type: Types, TypeRef } = internals
const VARIABLE = numberOf(NodeKind, 'Variable')
const SCOPED = numberOf(CommonFlags, 'Let') | numberOf(CommonFlags, 'Const')

/** Names of the constants that say whether a loop gives memory back begin so. */
export const GIVES_BACK = '~givesBack'
/** As many values as the allocator has room to save. */
export const MAX_LOOP_VALUES = 16
const PLACE_BYTES = 32
const ADDRESS_BYTES = 20
const ALLOCATOR = '~lib/rt/stub'

interface Loop extends Node {
  readonly initializer?: Node | null
  body: Node
}

/** A loop that is being compiled. */
interface Rounds {
  /** Variables of the loop and around it that it assigns to. */
  readonly names: ReadonlySet<string>
  /** Where the memory of its rounds begins, and up to where they may fill it. */
  readonly start: Local
  readonly limit: Local
}

/** By the statement at the beginning of a loop's body. */
const marks = new WeakMap<Node, Rounds>()
/** The statement at the beginning of a body: generic code and inlined code are compiled several times. */
const marked = new WeakMap<Node, Node>()

export const LOOP_RULES: readonly Replacement[] = [
  around('compileForStatement', (hook, original, loop) => giveBackIn(hook, loop as Loop, () => original(loop))),
  around('compileWhileStatement', (hook, original, loop) => giveBackIn(hook, loop as Loop, () => original(loop))),
  around('compileDoStatement', (hook, original, loop) => giveBackIn(hook, loop as Loop, () => original(loop))),
  around('compileExpressionStatement', (hook, original, statement) => {
    const rounds = marks.get(statement)
    return rounds === undefined ? original(statement) : beginRound(hook, rounds, statement)
  }),
  around('makeCallDirect', (hook, original, instance, operands, at, ...rest) => {
    if (!isOurs && isUnknown(at) && at.kind !== KIND.literal && takesAddress(instance)) noteAddresses(hook)
    return original(instance, operands, at, ...rest)
  }),
  around('compileCallExpressionBuiltin', (hook, original, prototype, call, type) => {
    if (isUnknown(call) && RAW_BUILTINS.test(prototype.internalName)) noteAddresses(hook)
    return original(prototype, call, type)
  }),
  around('compileCallExpression', (hook, original, call, ...rest) => {
    const compiled = original(call, ...rest)
    // Code that the build has written into the author's classes takes places of slots for one expression.
    if (isUnknown(call) && asIdentifier(asProperty(call.expression)?.expression ?? call)?.text !== RUNTIME) {
      noteIfAddress(hook)
    }
    return compiled
  }),
  around('compilePropertyAccessExpression', (hook, original, access, ...rest) => {
    const compiled = original(access, ...rest)
    if (isUnknown(access)) noteIfAddress(hook)
    return compiled
  }),
]

/** Builtin functions that make a number of an address, or an address of a number. */
const RAW_BUILTINS = /\b(?:changetype|load\w*|store\w*|memory|atomic|table|call_indirect|heap|v128)\b/
/** The SDK's name in code of the build's. */
const RUNTIME = '__ts'

/** Whether code is the author's or a package's, which may be inlined in the author's. */
function isUnknown(node: Node): boolean {
  return isAuthors(node) || isInPackage(node.range.source.normalizedPath)
}

function isAddress({ kind, isReference }: Type): boolean {
  const { Isize, Usize } = internals.TypeKind
  return !isReference && (kind === Isize || kind === Usize)
}

/** A number of which an address may be made elsewhere: the `start` of Bytes, the place of a word. */
function noteIfAddress(hook: Hook): void {
  if (isAddress(hook.compiler.currentType)) noteAddresses(hook)
}

/** Library functions that are told a place in memory by its number. */
function takesAddress({ internalName, signature }: FunctionInstance): boolean {
  if (!internalName.startsWith('~lib/') || isPart(internalName)) return false
  return signature.parameterTypes.some(isAddress)
}

function noteAddresses({ compiler, session }: Hook): void {
  session.usesAddresses.add(compiler.currentFlow.targetFunction.internalName)
}

function giveBackIn(hook: Hook, loop: Loop, original: () => ExpressionRef): ExpressionRef {
  const names = isAuthors(loop) ? assignedNames(loop) : null
  if (names === null || hidesValue(hook, loop)) return original()
  const { compiler } = hook
  const { module, currentFlow: flow } = compiler
  const { usizeType } = compiler.options
  const start = flow.getTempLocal(usizeType)
  const limit = flow.getTempLocal(usizeType)
  const mark = markOf(hook, loop)
  const outer = marks.get(mark)
  marks.set(mark, { names, start, limit })
  let compiled: ExpressionRef
  try {
    compiled = original()
  } finally {
    // Of a function that is inlined in itself the outer one goes on.
    if (outer === undefined) marks.delete(mark)
    else marks.set(mark, outer)
  }
  const { I32 } = TypeRef
  const from = callAllocator(hook, 'loopStart', [], loop)
  const to = callAllocator(hook, 'loopLimit', [module.local_get(start.index, I32)], loop)
  compiler.currentType = Types.void
  const sets = [module.local_set(start.index, from, false), module.local_set(limit.index, to, false)]
  return module.block(null, [...sets, compiled], internals.getExpressionType(compiled))
}

/**
 * Whether the head of a loop declares a variable of the name of one around it: what it gives that one first, the body
 * knows by no name.
 */
function hidesValue({ compiler }: Hook, loop: Loop): boolean {
  return declaredInHead(loop).some((name) => {
    const element = compiler.currentFlow.lookup(name)
    return element !== null && element.kind === ELEMENT.local && (element as Local).type.isReference
  })
}

function declaredInHead({ initializer }: Loop): readonly string[] {
  if (initializer?.kind !== VARIABLE) return []
  return (initializer as Node & VariableNode).declarations.map(({ name }) => name.text)
}

/**
 * Variables that the loop assigns to, and those of its head; null when one is declared by `var` within, as it would outlive
 * the round without being known at its beginning.
 */
function assignedNames(loop: Loop): ReadonlySet<string> | null {
  const names = new Set<string>()
  let outlives = false
  walk(loop, (node) => {
    const target = targetOf(node as Node)
    const name = target === null ? null : asIdentifier(withoutAssertions(target))
    if (name !== null) names.add(name.text)
    if (node.kind === KIND.variableDeclaration && ((node as Node & { flags: number }).flags & SCOPED) === 0) {
      outlives = true
    }
  })
  for (const name of declaredInHead(loop)) names.add(name)
  return outlives ? null : names
}

/** The variable that an assignment to `x!` or to `x as T` writes to. */
function withoutAssertions(target: Node): Node {
  let inner = bare(target)
  while (inner.kind === KIND.assertion) inner = bare((inner as Node & { expression: Node }).expression)
  return inner
}

/** The statement at the beginning of a loop's body, which is put there when the loop is compiled first. */
function markOf(hook: Hook, loop: Loop): Node {
  const known = marked.get(loop)
  if (known !== undefined) return known
  // It is told of as the allocator's: the author's lines have no such branch.
  const mark = internals.Node.createExpressionStatement(internals.Node.createTrueExpression(ownRange(hook)))
  const statements = statementsIn(loop.body) as Node[] | null
  if (statements === null) loop.body = internals.Node.createBlockStatement([mark, loop.body], loop.body.range)
  // Before it a text says how the block counts.
  else statements.splice(statements[0] !== undefined && textStatement(statements[0]) !== null ? 1 : 0, 0, mark)
  marked.set(loop, mark)
  return mark
}

/** `if (the loop gives back && its memory is full) { save values; clear; take them from where they are now }` */
function beginRound(hook: Hook, { names, start, limit }: Rounds, at: Node): ExpressionRef {
  const { compiler, session } = hook
  const { module } = compiler
  const { I32 } = TypeRef
  compiler.currentType = Types.void
  const kept = variablesToKeep(hook, names)
  if (kept === null) return module.nop()
  const from = () => module.local_get(start.index, I32)
  const keep = kept.map(({ variable, bytes }, i) => {
    const operands = [module.local_get(variable.index, I32), module.i32(bytes), from(), module.i32(PLACE_BYTES * i)]
    return module.local_set(variable.index, callAllocator(hook, 'keepForLoop', operands, at), false)
  })
  const cleared = callAllocator(hook, 'giveBack', [from(), module.i32(PLACE_BYTES * kept.length)], at)
  const work = module.block(null, [...keep, module.local_set(limit.index, cleared, false)], TypeRef.None)
  const isFull = callAllocator(hook, 'isLoopFull', [module.local_get(limit.index, I32)], at)
  compiler.currentType = Types.void
  const test = module.if(isFull, work)
  compiler.addDebugLocation(test, ownRange(hook))
  return module.if(module.global_get(session.nextLoop(GIVES_BACK), I32), test)
}

function ownRange(hook: Hook): Range {
  return sdkFunction(hook, `${ALLOCATOR}/isLoopFull`).prototype.declaration.range
}

interface KeptVariable {
  readonly variable: Local
  readonly bytes: number
}

/** Variables whose values the next round may use; null when there are such as cannot be copied, or too many. */
function variablesToKeep({ compiler }: Hook, names: ReadonlySet<string>): readonly KeptVariable[] | null {
  const kept = new Map<number, KeptVariable>()
  for (const name of names) {
    const element = compiler.currentFlow.lookup(name)
    // Of one that is declared in the body nothing is left. To a global no loop that gives back may write.
    if (element === null || element.kind !== ELEMENT.local) continue
    const variable = element as Local
    if (!variable.type.isReference) continue
    const bytes = bytesOf(variable.type)
    if (bytes === null) return null
    kept.set(variable.index, { variable, bytes })
  }
  return kept.size > MAX_LOOP_VALUES ? null : [...kept.values()]
}

/** The bytes that a value of a type is made of; null for what is no value. */
function bytesOf(type: Type): number | null {
  const name = type.getClass()?.prototype.internalName
  if (name === undefined) return null
  if (name === SDK.address) return ADDRESS_BYTES
  const isWord = name === SDK.u256 || name === SDK.i256 || name === SDK.bytes32 || FIXED_BYTES.test(name)
  return isWord ? PLACE_BYTES : null
}

const FIXED_BYTES = new RegExp(`^${SDK.fixedBytes}\\d+$`)

/** Whether a call that is being made is the build's and not the author's. */
let isOurs = false

function callAllocator(hook: Hook, name: string, operands: ExpressionRef[], at: Node): ExpressionRef {
  isOurs = true
  try {
    return hook.compiler.makeCallDirect(sdkFunction(hook, `${ALLOCATOR}/${name}`), operands, at)
  } finally {
    isOurs = false
  }
}
