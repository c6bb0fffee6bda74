/**
 * The insides of the AssemblyScript compiler that replaced methods (replacements.ts) read and call, as they are in the
 * version that is pinned. Only what is used is described.
 */

import { type AstNode, type IdentifierNode, parser, type SourceRange } from './compiler.ts'

/** Binaryen's pointer to an expression; 0 is none. An expression may stand in one place of a module only. */
export type ExpressionRef = number

export interface Range extends SourceRange {
  readonly source: Source
}

export interface Source {
  readonly normalizedPath: string
  readonly text: string
  readonly isLibrary: boolean
  /** Of a position, from 1. */
  lineAt(position: number): number
  /** Of the position that `lineAt` was asked for last, from 1. */
  columnAt(): number
}

export interface Node extends AstNode {
  readonly range: Range
}

export interface Identifier extends IdentifierNode {
  readonly range: Range
}

export interface PropertyAccess extends Node {
  readonly expression: Node
  readonly property: Identifier
}

export interface ElementAccess extends Node {
  readonly expression: Node
  readonly elementExpression: Node
}

export interface ArrayLiteral extends Node {
  readonly elementExpressions: readonly Node[]
}

export interface Binary extends Node {
  readonly operator: number
  readonly left: Node
  readonly right: Node
}

export interface Unary extends Node {
  readonly operator: number
  readonly operand: Node
}

export interface Call extends Node {
  readonly expression: Node
  readonly args: readonly Node[]
}

export interface Type {
  readonly kind: number
  /** Bits. */
  readonly size: number
  readonly isReference: boolean
  readonly isNullableReference: boolean
  readonly isIntegerValue: boolean
  /** Of less than 32 bits. */
  readonly isShortIntegerValue: boolean
  /** Of 64 bits. */
  readonly isLongIntegerValue: boolean
  readonly isBooleanValue: boolean
  readonly isSignedIntegerValue: boolean
  readonly isManaged: boolean
  readonly exceptVoid: Type
  getClass(): Class | null
  getClassOrWrapper(program: Program): Class | null
  toRef(): number
  toString(): string
}

export interface Signature {
  readonly parameterTypes: readonly Type[]
  readonly thisType: Type | null
}

export interface Element {
  readonly kind: number
  readonly name: string
  readonly internalName: string
  readonly parent: Element
  readonly declaration: Node
  is(flag: number): boolean
}

export interface Typed extends Element {
  readonly type: Type
}

export interface Constant extends Typed {
  readonly initializerNode: Node | null
}

export interface Local extends Typed {
  readonly index: number
}

export interface FunctionPrototype extends Element {
  readonly declaration: Node & {
    readonly body: Node | null
    readonly signature?: { readonly parameters: readonly { readonly name: Identifier }[] }
  }
}

export interface FunctionInstance extends Element {
  readonly prototype: FunctionPrototype
  readonly signature: Signature
  readonly typeArguments: readonly Type[] | null
  readonly contextualTypeArguments: ReadonlyMap<string, Type> | null
}

export interface ClassPrototype extends Element {
  readonly declaration: Node
}

export interface Class extends Typed {
  readonly prototype: ClassPrototype
  readonly typeArguments: readonly Type[] | null
  readonly base: Class | null
  getMember(name: string): Element | null
  lookupOverload(kind: number, unchecked?: boolean): FunctionInstance | null
}

export interface Property extends Element {
  readonly isField: boolean
  readonly getterInstance: FunctionInstance | null
  readonly setterInstance: FunctionInstance | null
}

export interface Flow {
  readonly sourceFunction: FunctionInstance
  /** Another one while the compiler inlines: the one whose code it makes. */
  readonly targetFunction: FunctionInstance
  localFlags: number[]
  flags: number
  readonly breakLabel: string | null
  readonly continueLabel: string | null
  readonly trueFlows: ReadonlyMap<ExpressionRef, Flow> | null
  readonly falseFlows: ReadonlyMap<ExpressionRef, Flow> | null
  noteThen(condition: ExpressionRef, flow: Flow): void
  noteElse(condition: ExpressionRef, flow: Flow): void
  getTempLocal(type: Type): Local
  is(flag: number): boolean
  lookup(name: string): Element | null
  addScopedLocal(name: string, type: Type): Local
  setLocalFlag(index: number, flag: number): void
  isNonnull(expression: ExpressionRef, type: Type): boolean
  canOverflow(expression: ExpressionRef, type: Type): boolean
}

export interface Module {
  i32(value: number): ExpressionRef
  i64(low: number, high: number): ExpressionRef
  unary(op: number, value: ExpressionRef): ExpressionRef
  binary(op: number, left: ExpressionRef, right: ExpressionRef): ExpressionRef
  local_get(index: number, type: number): ExpressionRef
  local_set(index: number, value: ExpressionRef, isManaged: boolean): ExpressionRef
  global_get(name: string, type: number): ExpressionRef
  local_tee(index: number, value: ExpressionRef, isManaged: boolean, type: number): ExpressionRef
  if(condition: ExpressionRef, then: ExpressionRef): ExpressionRef
  block(label: null, children: ExpressionRef[], type: number): ExpressionRef
  call(target: string, operands: ExpressionRef[], type: number): ExpressionRef
  unreachable(): ExpressionRef
  drop(value: ExpressionRef): ExpressionRef
  nop(): ExpressionRef
  /** A constant that the expression always gives; 0 when Binaryen cannot tell one. */
  runExpression(expression: ExpressionRef, flags: number): ExpressionRef
}

/** Bytes that memory begins with. */
export interface MemorySegment {
  readonly buffer: Uint8Array
  readonly offset: { readonly low: number }
}

/** A message of the compiler, as it has it itself. */
export interface Diagnostic {
  readonly code: number
  readonly message: string
  readonly range: Range | null
}

export interface Program {
  /** The compiler's findings, in its order. */
  readonly diagnostics: Diagnostic[]
  readonly sources: Source[]
  readonly elementsByName: ReadonlyMap<string, Element>
}

export interface Resolver {
  lookupExpression(node: Node, flow: Flow, type: Type, mode: number): Element | null
  resolveExpression(node: AstNode, flow: Flow, type: Type, mode: number): Type | null
  resolveProperty(prototype: Element, mode?: number): Property | null
  resolveFunction(prototype: Element, types: readonly Type[] | null): FunctionInstance | null
  resolveClass(prototype: Element, types: readonly Type[] | null): Class | null
}

/** The methods that are replaced with their types, and those that are called. */
export interface Compiler {
  readonly program: Program
  readonly resolver: Resolver
  readonly module: Module
  readonly currentFlow: Flow
  readonly options: { readonly usizeType: Type }
  currentType: Type
  error(code: number, range: SourceRange, ...words: string[]): void
  ensureSmallIntegerWrap(e: ExpressionRef, type: Type): ExpressionRef
  compileFunction(instance: FunctionInstance): boolean
  addDebugLocation(expression: ExpressionRef, range: Range): void
  compileExpression(node: Node, type: Type, constraints?: number): ExpressionRef
  convertExpression(e: ExpressionRef, from: Type, to: Type, explicit: boolean, at: Node): ExpressionRef
  compileAssignment(target: Node, value: Node, type: Type): ExpressionRef
  compileBinaryExpression(node: Binary, type: Type, constraints: number): ExpressionRef
  compileUnaryPostfixExpression(node: Unary, type: Type, constraints: number): ExpressionRef
  compileUnaryPrefixExpression(node: Unary, type: Type, constraints: number): ExpressionRef
  compilePropertyAccessExpression(node: PropertyAccess, type: Type, constraints: number): ExpressionRef
  compileElementAccessExpression(node: ElementAccess, type: Type, constraints: number): ExpressionRef
  compileCallExpression(node: Call, type: Type, constraints: number): ExpressionRef
  compileCallExpressionBuiltin(prototype: FunctionPrototype, node: Call, type: Type): ExpressionRef
  compileVariableStatement(statement: Node): ExpressionRef
  compileArrayLiteral(node: ArrayLiteral, type: Type, constraints: number): ExpressionRef
  compileCallDirect(
    instance: FunctionInstance,
    args: readonly Node[],
    at: Node,
    self?: ExpressionRef,
    constraints?: number,
  ): ExpressionRef
  makeCallDirect(
    instance: FunctionInstance,
    operands: ExpressionRef[] | null,
    at: Node,
    dropped?: boolean,
  ): ExpressionRef
  makeAbort(message: Node | null, at: Node): ExpressionRef
  makeStaticAbort(message: ExpressionRef, at: Node): ExpressionRef
  addAlignedMemorySegment(buffer: Uint8Array, alignment: number): MemorySegment
  makeAdd(left: ExpressionRef, right: ExpressionRef, type: Type): ExpressionRef
  makeSub(left: ExpressionRef, right: ExpressionRef, type: Type): ExpressionRef
  makeMul(left: ExpressionRef, right: ExpressionRef, type: Type): ExpressionRef
  makePow(left: ExpressionRef, right: ExpressionRef, type: Type, at: Node): ExpressionRef
  compileExpressionStatement(statement: Node): ExpressionRef
  compileForStatement(statement: Node): ExpressionRef
  compileWhileStatement(statement: Node): ExpressionRef
  compileDoStatement(statement: Node): ExpressionRef
  makeIsTrueish(e: ExpressionRef, type: Type, at: Node): ExpressionRef
  makeEq(left: ExpressionRef, right: ExpressionRef, type: Type, at: Node): ExpressionRef
  makeNe(left: ExpressionRef, right: ExpressionRef, type: Type, at: Node): ExpressionRef
  compileCommutativeCompareBinaryExpressionFromParts(
    operator: number,
    left: Node,
    leftExpression: ExpressionRef,
    leftType: Type,
    right: Node,
    rightExpression: ExpressionRef,
    rightType: Type,
    type: Type,
    at: Node,
  ): ExpressionRef
}

type Numbers = Readonly<Record<string, number>>

// biome-ignore lint/suspicious/noExplicitAny: methods of another program, each typed where it is replaced
export type Method = (this: any, ...args: any[]) => any

/** Methods of one of the compiler's classes, and what takes the place of each. */
export interface Replacement {
  readonly owner: 'Compiler' | 'Flow' | 'Module' | 'Parser'
  readonly methods: readonly string[]
  /** The new method, which may call the one that was there: the compiler's own, or an earlier replacement. */
  readonly replace: (original: Method) => Method
}

interface Internals {
  readonly Compiler: { readonly prototype: Record<string, Method> }
  readonly Flow: { readonly prototype: Record<string, Method> }
  readonly Module: { readonly prototype: Record<string, Method> }
  readonly Parser: { readonly prototype: Record<string, Method> }
  readonly Node: {
    createIdentifierExpression(text: string, range: Range): Identifier
    createPropertyAccessExpression(object: Node, property: Identifier, range: Range): PropertyAccess
    createElementAccessExpression(object: Node, index: Node, range: Range): ElementAccess
    createBinaryExpression(operator: number, left: Node, right: Node, range: Range): Binary
    createUnaryPostfixExpression(operator: number, operand: Node, range: Range): Unary
    createUnaryPrefixExpression(operator: number, operand: Node, range: Range): Unary
    createTrueExpression(range: Range): Node
    createSimpleTypeName(name: string, range: Range): Node
    createNamedType(name: Node, typeArguments: readonly Node[], isNullable: boolean, range: Range): Node
    createExpressionStatement(expression: Node): Node
    createBlockStatement(statements: Node[], range: Range): Node
    createCompiledExpression(expression: ExpressionRef, type: Type, range: Range): Node
  }
  readonly Type: Readonly<Record<'auto' | 'void' | 'bool' | 'u8' | 'i64' | 'u64' | 'i32', Type>>
  readonly TypeKind: Readonly<Record<'Bool' | 'I8' | 'I16' | 'Isize' | 'Usize', number>>
  readonly TypeRef: Readonly<Record<'None' | 'Unreachable' | 'I32' | 'I64', number>>
  readonly OperatorKind: Numbers & { fromBinaryToken(token: number): number }
  readonly NodeKind: Numbers
  readonly Token: Numbers
  readonly ElementKind: Numbers
  readonly CommonFlags: Numbers
  readonly Constraints: Numbers
  readonly LocalFlags: Numbers
  readonly FlowFlags: Numbers
  readonly ReportMode: Readonly<Record<'Swallow', number>>
  readonly LiteralKind: Numbers
  readonly DiagnosticCode: Numbers
  readonly ExpressionId: Numbers
  readonly BinaryOp: Numbers
  readonly UnaryOp: Numbers
  operatorTokenToString(token: number): string
  getExpressionId(expr: ExpressionRef): number
  getExpressionType(expr: ExpressionRef): number
  getConstValueI32(expr: ExpressionRef): number
  getConstValueI64Low(expr: ExpressionRef): number
  getConstValueI64High(expr: ExpressionRef): number
  getLocalGetIndex(expr: ExpressionRef): number
  getLocalSetValue(expr: ExpressionRef): ExpressionRef
  getDropValue(expr: ExpressionRef): ExpressionRef
  getUnaryOp(expr: ExpressionRef): number
  getUnaryValue(expr: ExpressionRef): ExpressionRef
  getBinaryOp(expr: ExpressionRef): number
  getBinaryLeft(expr: ExpressionRef): ExpressionRef
  getBinaryRight(expr: ExpressionRef): ExpressionRef
  getIfCondition(expr: ExpressionRef): ExpressionRef
  getIfTrue(expr: ExpressionRef): ExpressionRef
  getIfFalse(expr: ExpressionRef): ExpressionRef
  getSelectCondition(expr: ExpressionRef): ExpressionRef
  getSelectThen(expr: ExpressionRef): ExpressionRef
  getSelectElse(expr: ExpressionRef): ExpressionRef
  getBlockName(expr: ExpressionRef): string | null
  getBlockChildCount(expr: ExpressionRef): number
  getBlockChildAt(expr: ExpressionRef, index: number): ExpressionRef
  getLoadBytes(expr: ExpressionRef): number
  getLoadPtr(expr: ExpressionRef): ExpressionRef
  isLoadSigned(expr: ExpressionRef): boolean
}

export const internals = parser as unknown as Internals

/** A number of one of the compiler's enumerations. @throws when the compiler has none of that name */
export function numberOf(numbers: Numbers, name: string): number {
  const value = numbers[name]
  if (value === undefined) throw new Error(`the AssemblyScript compiler has no ${name}`)
  return value
}

/** The signed value of an integer constant; null of any other expression. */
export function constantOf(value: ExpressionRef): bigint | null {
  if (value === 0 || internals.getExpressionId(value) !== internals.ExpressionId['Const']) return null
  const isLong = internals.getExpressionType(value) === internals.TypeRef.I64
  if (!isLong) return BigInt(internals.getConstValueI32(value))
  const high = BigInt(internals.getConstValueI64High(value))
  return (high << 32n) | BigInt.asUintN(32, BigInt(internals.getConstValueI64Low(value)))
}
