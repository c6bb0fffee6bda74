/** Matches what a module imports with what the host offers (core specification, 4.5.1 and 4.5.4). */
import type { Import, Module } from '../../binary/module.ts'
import { type FunctionType, functionTypeText, sameFunctionType } from '../../binary/types.ts'
import { type Imports, type ImportValue, LinkError } from '../engine.ts'
import { CompiledFunction, CompiledGlobal, CompiledMemory, CompiledTable } from './store.ts'

/** One per import, in order. A memory to be made is told by its limits. */
export type Linked =
  | CompiledFunction
  | CompiledTable
  | CompiledMemory
  | CompiledGlobal
  | { readonly kind: 'new-memory'; readonly min: number; readonly max: number | null }

/** @throws LinkError. */
export function link(module: Module, imports: Imports, memoryPages: number): Linked[] {
  return module.imports.map((entry) => linkOne(module, entry, imports, memoryPages))
}

function linkOne(
  module: Module,
  { module: from, name, description }: Import,
  imports: Imports,
  memoryPages: number,
): Linked {
  const value = Object.hasOwn(imports, from) ? own(imports[from]!, name) : undefined
  if (value === undefined) throw new LinkError('missing-import', from, name, 'the host does not offer it')
  const wrong = (expected: string): never => {
    throw new LinkError('wrong-import-type', from, name, `expected is ${expected}, offered is ${words(value)}`)
  }
  switch (description.kind) {
    case 'function': {
      const type = module.types[description.typeIndex]!
      return functionImport(value, type) ?? wrong(`a function ${functionTypeText(type)}`)
    }
    case 'table': {
      const { min, max } = description.table
      const fits = value instanceof CompiledTable && within(value.host.length, value.declaredMax, min, max)
      return fits ? value : wrong(`a table of ${min} to ${max ?? 'any number of'} elements`)
    }
    case 'memory': {
      const { min, max } = description.memory
      return (
        memoryImport(value, memoryPages, min, max) ?? wrong(`a memory of ${min} to ${max ?? 'any number of'} pages`)
      )
    }
    case 'global': {
      const { type, mutable } = description.global
      const fits = value instanceof CompiledGlobal && value.type === type && value.mutable === mutable
      return fits ? value : wrong(`a ${mutable ? 'mutable' : 'constant'} global of type ${type}`)
    }
  }
}

function own(offered: Readonly<Record<string, ImportValue>>, name: string): ImportValue | undefined {
  return Object.hasOwn(offered, name) ? offered[name] : undefined
}

function functionImport(value: ImportValue, type: FunctionType): CompiledFunction | null {
  if (value instanceof CompiledFunction) return sameFunctionType(value.type, type) ? value : null
  if (!('call' in value) || !sameFunctionType(value.type, type)) return null
  return new CompiledFunction(value.type, { call: value.call })
}

function memoryImport(value: ImportValue, limit: number, min: number, max: number | null): Linked | null {
  if (value instanceof CompiledMemory) return within(value.pages, value.declaredMax, min, max) ? value : null
  if (!('newMemory' in value) || value.newMemory.min > limit) return null
  const { newMemory } = value
  return within(newMemory.min, newMemory.max, min, max) ? { kind: 'new-memory', ...newMemory } : null
}

function within(size: number, declaredMax: number | null, min: number, max: number | null): boolean {
  return size >= min && (max === null || (declaredMax !== null && declaredMax <= max))
}

function words(value: ImportValue): string {
  if (value instanceof CompiledTable) {
    return `a table of ${value.host.length} to ${value.declaredMax ?? 'any number of'} elements`
  }
  if (value instanceof CompiledMemory) {
    return `a memory of ${value.pages} to ${value.declaredMax ?? 'any number of'} pages`
  }
  if (value instanceof CompiledGlobal) return `a ${value.mutable ? 'mutable' : 'constant'} global of type ${value.type}`
  if ('call' in value) return `a function ${functionTypeText(value.type)}`
  return 'newMemory' in value ? 'a new memory' : 'something of another engine'
}
