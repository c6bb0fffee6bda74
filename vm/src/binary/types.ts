/** Value and function types of the integer-only profile, plus the float types, which only policy `trap` admits. */

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'funcref'

export interface FunctionType {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}
