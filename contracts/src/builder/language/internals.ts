/**
 * The insides of the AssemblyScript compiler that the rules of this folder read, as they are in the version that is pinned
 * (contracts/package.json). Only what is used is described.
 */

import { type AstNode, type IdentifierNode, parser, type SourceRange } from '../compiler.ts'

/** Binaryen's pointer to an expression. An expression may stand in one place of a module only. */
export type ExpressionRef = number

export interface Range extends SourceRange {
  readonly source: { readonly normalizedPath: string; readonly text: string; readonly isLibrary: boolean }
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
  readonly isBooleanValue: boolean
  readonly isSignedIntegerValue: boolean
  readonly isManaged: boolean
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
  readonly declaration: Node & { readonly body: Node | null }
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
  is(flag: number): boolean
  lookup(name: string): Element | null
  addScopedLocal(name: string, type: Type): Local
  setLocalFlag(index: number, flag: number): void
  isNonnull(expression: ExpressionRef, type: Type): boolean
  canOverflow(expression: ExpressionRef, type: Type): boolean
}

export interface Module {
  block(label: null, children: ExpressionRef[], type: number): ExpressionRef
  local_set(index: number, value: ExpressionRef, isManaged: boolean): ExpressionRef
  i64(low: number, high: number): ExpressionRef
}

export interface Program {
  readonly elementsByName: ReadonlyMap<string, Element>
}

export interface Resolver {
  lookupExpression(node: Node, flow: Flow, type: Type, mode: number): Element | null
  resolveExpression(node: Node, flow: Flow, type: Type, mode: number): Type | null
  resolveProperty(prototype: Element, mode?: number): Property | null
  resolveFunction(prototype: Element, types: readonly Type[] | null): FunctionInstance | null
  resolveClass(prototype: Element, types: readonly Type[] | null): Class | null
}

/** The methods that rules stand before, and those that they call. */
export interface Compiler {
  readonly program: Program
  readonly resolver: Resolver
  readonly module: Module
  readonly currentFlow: Flow
  readonly options: { readonly usizeType: Type }
  currentType: Type
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

interface Internals {
  readonly Compiler: { readonly prototype: Compiler }
  readonly Node: {
    createIdentifierExpression(text: string, range: Range): Identifier
    createPropertyAccessExpression(object: Node, property: Identifier, range: Range): PropertyAccess
    createElementAccessExpression(object: Node, index: Node, range: Range): ElementAccess
    createBinaryExpression(operator: number, left: Node, right: Node, range: Range): Binary
    createUnaryPostfixExpression(operator: number, operand: Node, range: Range): Unary
    createUnaryPrefixExpression(operator: number, operand: Node, range: Range): Unary
    createCompiledExpression(expression: ExpressionRef, type: Type, range: Range): Node
  }
  readonly Type: Readonly<Record<'auto' | 'void' | 'bool' | 'u8' | 'i64' | 'u64' | 'i32', Type>>
  readonly OperatorKind: Numbers & { fromBinaryToken(token: number): number }
  readonly NodeKind: Numbers
  readonly Token: Numbers
  readonly ElementKind: Numbers
  readonly CommonFlags: Numbers
  readonly Constraints: Numbers
  readonly LocalFlags: Numbers
  readonly FlowFlags: Numbers
  readonly ReportMode: Numbers
  readonly LiteralKind: Numbers
  getExpressionType(expression: ExpressionRef): number
}

export const internals = parser as unknown as Internals

/** A number of one of the compiler's enumerations. @throws when the compiler has none of that name */
export function numberOf(numbers: Numbers, name: string): number {
  const value = numbers[name]
  if (value === undefined) throw new Error(`the AssemblyScript compiler has no ${name}`)
  return value
}
