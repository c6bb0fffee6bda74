/** The common part of the checks of one module: the context they fill, and the indices that must exist. */

import type { GlobalType, Module } from '../binary/module.ts'
import { type InvalidCode, type ModulePosition, ValidationError } from '../validationError.ts'

export interface ModuleContext {
  readonly module: Module
  /** Functions that occur outside bodies, and so may be used by `ref.func` inside them (`C.refs` of 3.4.10). */
  readonly declared: Uint8Array
  readonly addressTaken: Uint8Array
}

/** @throws ValidationError always. */
export function invalid(code: InvalidCode, problem: string, position: ModulePosition, hint?: string): never {
  throw new ValidationError(
    code,
    problem,
    hint ?? 'the module does not validate; the compiler made it wrong',
    position,
    null,
  )
}

export function at(offset: number | null, functionIndex: number | null = null): ModulePosition {
  return { functionIndex, offset, instruction: null }
}

/** @throws ValidationError when there is no function `index`. */
export function checkFunctionIndex(module: Module, index: number, position: ModulePosition): void {
  if (index >= module.functionTypes.length) {
    const hint = `the module has ${module.functionTypes.length} functions`
    invalid('invalid:unknown-function', `unknown function ${index}`, position, hint)
  }
}

export function checkTableIndex(module: Module, index: number, position: ModulePosition): void {
  if (index >= module.tables.length) {
    invalid(
      'invalid:unknown-table',
      `unknown table ${index}`,
      position,
      `the module has ${module.tables.length} tables`,
    )
  }
}

export function checkMemory(module: Module, position: ModulePosition): void {
  if (module.memories.length === 0) invalid('invalid:unknown-memory', 'unknown memory 0', position, 'declare a memory')
}

export function globalAt(module: Module, index: number, position: ModulePosition): GlobalType {
  const global = module.globalTypes[index]
  if (global !== undefined) return global
  const hint = `the module has ${module.globalTypes.length} globals`
  return invalid('invalid:unknown-global', `unknown global ${index}`, position, hint)
}
