/** Values at the border between the engine's callers and the host's WebAssembly. */
import { type FunctionType, functionTypeText, type ValueType } from '../../binary/types.ts'
import type { FunctionReference, WasmValue } from '../engine.ts'
import type { HostCode } from './hostWebAssembly.ts'
import { codeForTables, referenceOf } from './references.ts'
import { CompiledFunction } from './store.ts'

export type HostValue = number | bigint | HostCode | null

/** @throws TypeError when the arguments are not of the function's types. */
export function checkArguments(type: FunctionType, args: readonly WasmValue[]): void {
  if (args.length === type.params.length && type.params.every((param, i) => fits(param, args[i]))) return
  throw new TypeError(`the arguments do not fit a function of type ${functionTypeText(type)}`)
}

export function checkResults(type: FunctionType, values: readonly WasmValue[]): void {
  if (values.length === type.results.length && type.results.every((result, i) => fits(result, values[i]))) return
  throw new TypeError(`a host function of type ${functionTypeText(type)} returned something else`)
}

function fits(type: ValueType, value: WasmValue | undefined): boolean {
  switch (type) {
    case 'i32':
    case 'f32':
      return typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32
    case 'i64':
    case 'f64':
      return typeof value === 'bigint' && value >= -(2n ** 63n) && value < 2n ** 64n
    case 'funcref':
      return value === null || value instanceof CompiledFunction
  }
}

export function toHost(value: WasmValue): HostValue {
  return value === null || typeof value !== 'object'
    ? value
    : codeForTables(value as FunctionReference & CompiledFunction)
}

export function fromHost(value: HostValue): WasmValue {
  return typeof value === 'function' ? referenceOf(value) : value
}

/** What an exported function returned, as a list. */
export function resultList(returned: unknown, count: number): WasmValue[] {
  if (count === 0) return []
  const values = count === 1 ? [returned] : [...(returned as Iterable<unknown>)]
  return values.map((value) => fromHost(value as HostValue))
}
