/** Programs of the fuzz: what is printed for the compiler and run by the interpreter. Every expression has its type. */

import type { Integer, Native, ValueType } from './types.ts'

/** Something that can be read and assigned to. Names are unique in a program. */
export type Place =
  | { readonly kind: 'variable'; readonly type: ValueType; readonly name: string }
  /** Field of an object in memory. */
  | { readonly kind: 'field'; readonly type: ValueType; readonly object: string; readonly name: string }
  /** Of an array in memory. */
  | { readonly kind: 'element'; readonly type: ValueType; readonly array: string; readonly index: Expression }
  /** Field of the contract, or `name.f0` of a struct that is one. */
  | { readonly kind: 'stored'; readonly type: ValueType; readonly name: string }
  | { readonly kind: 'mapped'; readonly type: ValueType; readonly name: string; readonly key: Expression }

export type Arithmetic = '+' | '-' | '*' | '/' | '%' | '**' | '&' | '|' | '^' | '<<' | '>>' | '>>>'
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='
export type Builtin = 'min' | 'max' | 'abs' | 'rotl' | 'rotr' | 'clz' | 'ctz' | 'popcnt' | 'select'

export type Expression =
  | Place
  /** `bare` without a cast: where the type around it decides. The value printed is `raw`, which need not fit. */
  | { readonly kind: 'literal'; readonly type: ValueType; readonly raw: bigint; readonly bare: boolean }
  | {
      readonly kind: 'unary'
      readonly type: ValueType
      readonly op: '-' | '~' | '!' | '+'
      readonly operand: Expression
    }
  | {
      readonly kind: 'binary'
      readonly type: ValueType
      readonly op: Arithmetic
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'compare'
      readonly type: 'bool'
      readonly op: Comparison
      readonly left: Expression
      readonly right: Expression
    }
  /** Of the operands' type, or bool where only their truth is asked for. */
  | {
      readonly kind: 'logic'
      readonly type: Native
      readonly op: '&&' | '||'
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'choice'
      readonly type: ValueType
      readonly test: Expression
      readonly whenTrue: Expression
      readonly whenFalse: Expression
    }
  | { readonly kind: 'cast'; readonly type: Native; readonly operand: Expression; readonly style: '<>' | 'as' | 'none' }
  /** `u256(x)` of an u64, `i256(x)` of an i64. */
  | { readonly kind: 'enlarge'; readonly type: 'U256' | 'I256'; readonly operand: Expression }
  | {
      readonly kind: 'assign'
      readonly type: ValueType
      readonly target: Place
      readonly op: Arithmetic | null
      readonly value: Expression
    }
  | {
      readonly kind: 'step'
      readonly type: Integer
      readonly target: Place
      readonly op: '++' | '--'
      readonly prefix: boolean
    }
  | {
      readonly kind: 'call'
      readonly type: ValueType
      readonly name: string
      /** The object of a method; null for a function. */
      readonly object: string | null
      readonly args: readonly Expression[]
    }
  /** `this.name = new Struct(...)`, of a stored struct. */
  | {
      readonly kind: 'replace'
      readonly type: ValueType
      readonly struct: string
      readonly values: readonly Expression[]
    }
  | { readonly kind: 'builtin'; readonly type: Native; readonly name: Builtin; readonly args: readonly Expression[] }

export type Statement =
  | {
      readonly kind: 'declare'
      readonly name: string
      readonly type: ValueType
      readonly value: Expression
      readonly constant: boolean
      readonly annotated: boolean
    }
  | { readonly kind: 'do'; readonly expression: Expression }
  /** Shows a value to the outside. */
  | { readonly kind: 'put'; readonly value: Expression }
  | {
      readonly kind: 'if'
      readonly test: Expression
      readonly whenTrue: readonly Statement[]
      readonly whenFalse: readonly Statement[] | null
    }
  /** All loops end after at most `rounds` rounds, by a counter of their own. */
  | {
      readonly kind: 'loop'
      readonly form: 'while' | 'do' | 'for' | 'forever'
      readonly counter: string
      readonly counterType: Integer
      readonly rounds: number
      readonly test: Expression | null
      /** Of a `for`: a second variable, which goes its own way. */
      readonly second: {
        readonly name: string
        readonly type: Native
        readonly initial: Expression
        readonly step: Expression
      } | null
      readonly body: readonly Statement[]
    }
  | {
      readonly kind: 'switch'
      readonly on: Expression
      readonly cases: readonly { readonly label: Expression | null; readonly body: readonly Statement[] }[]
    }
  | { readonly kind: 'block'; readonly body: readonly Statement[] }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'return'; readonly value: Expression | null }

export interface Declaration {
  readonly name: string
  readonly type: ValueType
}

export interface ProgramFunction {
  readonly name: string
  readonly parameters: readonly Declaration[]
  readonly result: ValueType
  readonly body: readonly Statement[]
  readonly inlined: boolean
}

/** Objects of a class, made anew for each call. */
export interface ObjectDeclaration {
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly type: ValueType; readonly initial: bigint }[]
}

/** A stored struct, named as the field of the contract that holds it; its fields are f0, f1, ... */
export interface StructDeclaration {
  readonly name: string
  readonly fields: readonly ValueType[]
}

export interface ArrayDeclaration {
  readonly name: string
  readonly type: Native
  readonly isStatic: boolean
  readonly values: readonly bigint[]
}

export interface Program {
  readonly seed: number
  /** Whether native integers panic where they do not fit; the others ask to wrap. */
  readonly isChecked: boolean
  readonly parameters: readonly Declaration[]
  /** Before the contract, so that each can call those before it. */
  readonly functions: readonly ProgramFunction[]
  readonly globals: readonly { readonly name: string; readonly type: ValueType; readonly initial: bigint }[]
  readonly objects: readonly ObjectDeclaration[]
  readonly arrays: readonly ArrayDeclaration[]
  readonly stored: readonly Declaration[]
  readonly structs: readonly StructDeclaration[]
  /** Mapping<u8, T>. */
  readonly mappings: readonly Declaration[]
  readonly body: readonly Statement[]
  readonly inputs: readonly (readonly bigint[])[]
}
