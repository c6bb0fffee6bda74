/** Values at the border between the engine's callers and the host's WebAssembly. */
import type { FunctionReference, WasmValue } from '../engine.ts'
import type { HostCode } from '../hostWebAssembly.ts'
import { codeForTables, referenceOf } from './references.ts'
import { CompiledFunction } from './store.ts'

export type HostValue = number | bigint | HostCode | null

export function isCompiledFunction(value: WasmValue | undefined): boolean {
  return value instanceof CompiledFunction
}

export function toHost(value: WasmValue): HostValue {
  return value === null || typeof value !== 'object'
    ? value
    : codeForTables(value as FunctionReference & CompiledFunction)
}

export function fromHost(value: HostValue): WasmValue {
  return typeof value === 'function' ? referenceOf(value) : value
}

/** The results of an exported function, as a list. */
export function resultList(returned: unknown, count: number): WasmValue[] {
  if (count === 0) return []
  const values = count === 1 ? [returned] : [...(returned as Iterable<unknown>)]
  return values.map((value) => fromHost(value as HostValue))
}
