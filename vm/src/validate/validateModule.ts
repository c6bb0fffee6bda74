/**
 * Validates a decoded module (core specification, 3.4): every index exists, every function body and constant
 * expression has its types, and sizes are within the limits.
 */

import { functionTypeOf, type Module } from '../binary/module.ts'
import { type Limits, SHOWN_NAME_LENGTH, WASM_MEMORY_PAGES } from '../limits.ts'
import { checkLimit } from '../validationError.ts'
import { quotedText } from '../visibleText.ts'
import { at, checkFunctionIndex, checkTableIndex, globalAt, invalid, type ModuleContext } from './moduleContext.ts'
import { validateConstant } from './validateConstant.ts'
import { type FunctionFacts, validateFunction } from './validateFunction.ts'

export interface ValidatedModule {
  readonly module: Module
  /** One per function defined in the module. */
  readonly functions: readonly FunctionFacts[]
  /**
   * 1 for every function of the index space that `ref.func` or an element segment mentions: such a function may be in
   * a table and be called from anywhere.
   */
  readonly addressTaken: Uint8Array
}

/** @throws ValidationError for the first rule broken. */
export function validate(module: Module, limits: Limits): ValidatedModule {
  const declared = new Uint8Array(module.functionTypes.length)
  const addressTaken = new Uint8Array(module.functionTypes.length)
  const context: ModuleContext = { module, declared, addressTaken }
  for (const [index, typeIndex] of module.functionTypes.entries()) {
    if (typeIndex >= module.types.length) invalid('invalid:unknown-type', `unknown type ${typeIndex}`, at(null, index))
  }
  validateSizes(module, limits)
  for (const [i, global] of module.globals.entries()) {
    validateConstant(context, global.init, module.globalTypes[module.importedGlobals + i]!.type)
  }
  validateExports(context)
  validateStart(module)
  validateSegments(context)
  const functions = module.bodies.map((body, i) =>
    validateFunction(context, limits, module.importedFunctions + i, body),
  )
  return { module, functions, addressTaken }
}

function validateSizes(module: Module, limits: Limits): void {
  for (const { min, max } of module.memories) {
    if (min > WASM_MEMORY_PAGES || (max !== null && (max > WASM_MEMORY_PAGES || max < min))) {
      const hint = 'at most 65536 pages, and the maximum not below the minimum'
      invalid('invalid:memory-limits', `memory limits ${min}..${max}`, at(null), hint)
    }
    checkLimit('memoryPages', min, limits.memoryPages, at(null))
  }
  for (const { min, max } of module.tables) {
    if (max !== null && max < min) {
      invalid('invalid:table-limits', `table limits ${min}..${max}`, at(null), 'the maximum is below the minimum')
    }
    checkLimit('tableElements', min, limits.tableElements, at(null))
  }
}

function validateExports({ module, declared }: ModuleContext): void {
  const names = new Set<string>()
  for (const { name, kind, index, offset } of module.exports) {
    if (names.has(name)) {
      const problem = `two exports are called ${quotedText(name, SHOWN_NAME_LENGTH)}`
      invalid('invalid:duplicate-export', problem, at(offset))
    }
    names.add(name)
    switch (kind) {
      case 'function':
        checkFunctionIndex(module, index, at(offset))
        declared[index] = 1
        break
      case 'table':
        checkTableIndex(module, index, at(offset))
        break
      case 'memory':
        if (index >= module.memories.length) invalid('invalid:unknown-memory', `unknown memory ${index}`, at(offset))
        break
      case 'global':
        globalAt(module, index, at(offset))
        break
    }
  }
}

function validateStart(module: Module): void {
  if (module.start === null) return
  const { functionIndex, offset } = module.start
  checkFunctionIndex(module, functionIndex, at(offset))
  const { params, results } = functionTypeOf(module, functionIndex)
  if (params.length > 0 || results.length > 0) {
    const hint = 'a start function takes nothing and returns nothing'
    invalid('invalid:start-function', 'the start function has parameters or results', at(offset, functionIndex), hint)
  }
}

function validateSegments(context: ModuleContext): void {
  const { module, declared, addressTaken } = context
  for (const { mode, functions, expressions, offset } of module.elements) {
    if (mode.kind === 'active') {
      checkTableIndex(module, mode.index, at(offset))
      validateConstant(context, mode.start, 'i32')
    }
    for (const index of functions ?? []) {
      checkFunctionIndex(module, index, at(offset))
      declared[index] = 1
      addressTaken[index] = 1
    }
    for (const expression of expressions ?? []) validateConstant(context, expression, 'funcref')
  }
  for (const { mode, offset } of module.data) {
    if (mode.kind !== 'active') continue
    if (mode.index >= module.memories.length)
      invalid('invalid:unknown-memory', `unknown memory ${mode.index}`, at(offset))
    validateConstant(context, mode.start, 'i32')
  }
}
