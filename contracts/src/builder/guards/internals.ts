/** The parts of the AssemblyScript compiler that the guards against its faults stand in for. */

import { type AstNode, parser, type SourceRange } from '../compiler.ts'

/** Binaryen's number for an expression; 0 is none. */
export type ExpressionRef = number

export interface Type {
  readonly kind: number
  /** Bits. */
  readonly size: number
  readonly isShortIntegerValue: boolean
  readonly isLongIntegerValue: boolean
  readonly isIntegerValue: boolean
  readonly isSignedIntegerValue: boolean
  readonly exceptVoid: Type
  toString(): string
}

export interface Flow {
  localFlags: number[]
  readonly breakLabel: string | null
  readonly continueLabel: string | null
  readonly trueFlows: ReadonlyMap<ExpressionRef, Flow> | null
  readonly falseFlows: ReadonlyMap<ExpressionRef, Flow> | null
  noteThen(condition: ExpressionRef, flow: Flow): void
  noteElse(condition: ExpressionRef, flow: Flow): void
  getScopedLocal(name: string): { readonly index: number; readonly type: Type } | null
}

export interface Module {
  binary(op: number, left: ExpressionRef, right: ExpressionRef): ExpressionRef
  i32(value: number): ExpressionRef
  local_set(index: number, value: ExpressionRef, isManaged: boolean): ExpressionRef
  flatten(statements: ExpressionRef[]): ExpressionRef
  unreachable(): ExpressionRef
}

export interface Compiler {
  readonly module: Module
  readonly resolver: {
    resolveExpression(node: AstNode, flow: Flow, contextualType: Type, reportMode: number): Type | null
  }
  currentFlow: Flow
  currentType: Type
  error(code: number, range: SourceRange, ...words: string[]): void
  ensureSmallIntegerWrap(expr: ExpressionRef, type: Type): ExpressionRef
  makeZero(type: Type): ExpressionRef
}

// biome-ignore lint/suspicious/noExplicitAny: methods of another program, each typed where it is replaced
export type Method = (this: any, ...args: any[]) => any

interface Internals {
  readonly Compiler: { readonly prototype: Record<string, Method> }
  readonly Flow: { readonly prototype: Record<string, Method> }
  readonly Module: { readonly prototype: Record<string, Method> }
  readonly Type: { readonly bool: Type; readonly auto: Type }
  readonly TypeKind: Readonly<Record<'Bool' | 'I8' | 'I16', number>>
  readonly TypeRef: Readonly<Record<'I32', number>>
  readonly ExpressionId: Readonly<Record<string, number>>
  readonly BinaryOp: Readonly<Record<string, number>>
  readonly UnaryOp: Readonly<Record<string, number>>
  readonly Token: Readonly<Record<string, number>>
  readonly ReportMode: Readonly<Record<'Swallow', number>>
  readonly DiagnosticCode: Readonly<Record<string, number>>
  operatorTokenToString(token: number): string
  getExpressionId(expr: ExpressionRef): number
  getExpressionType(expr: ExpressionRef): number
  getConstValueI32(expr: ExpressionRef): number
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
