/** Which values of the embedder fit a Wasm type, for every engine. */
import { type FunctionType, functionTypeText, type ValueType } from '../binary/types.ts'
import type { WasmValue } from './engine.ts'

/** Whether a reference is to a function of the engine that asks. */
export type IsReference = (value: WasmValue | undefined) => boolean

/** @throws TypeError when the arguments are not of the function's types. */
export function checkArguments(type: FunctionType, args: readonly WasmValue[], isReference: IsReference): void {
  if (fitAll(type.params, args, isReference)) return
  throw new TypeError(`the arguments do not fit a function of type ${functionTypeText(type)}`)
}

/** @throws TypeError when a host function returned values of other types. */
export function checkResults(type: FunctionType, values: readonly WasmValue[], isReference: IsReference): void {
  if (fitAll(type.results, values, isReference)) return
  throw new TypeError(`a host function of type ${functionTypeText(type)} returned something else`)
}

function fitAll(types: readonly ValueType[], values: readonly WasmValue[], isReference: IsReference): boolean {
  if (values.length !== types.length) return false
  for (let i = 0; i < types.length; i++) if (!fits(types[i]!, values[i], isReference)) return false
  return true
}

/** Signed and unsigned numbers are taken; floats, which only policy `trap` admits, are their bits. */
function fits(type: ValueType, value: WasmValue | undefined, isReference: IsReference): boolean {
  switch (type) {
    case 'i32':
    case 'f32':
      return typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32
    case 'i64':
    case 'f64':
      return typeof value === 'bigint' && value >= -(2n ** 63n) && value < 2n ** 64n
    case 'funcref':
      return value === null || isReference(value)
  }
}
