/** Value and function types of the integer-only profile, plus the float types, which only policy `trap` admits. */

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'funcref'

export interface FunctionType {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

export function sameFunctionType(left: FunctionType, right: FunctionType): boolean {
  return sameTypes(left.params, right.params) && sameTypes(left.results, right.results)
}

export function sameTypes(left: readonly ValueType[], right: readonly ValueType[]): boolean {
  return left.length === right.length && left.every((type, i) => type === right[i])
}

/** As in the text format's comments: `[i32 i64] -> [i32]`. */
export function functionTypeText({ params, results }: FunctionType): string {
  return `[${params.join(' ')}] -> [${results.join(' ')}]`
}
