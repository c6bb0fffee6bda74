/** Matches what a module imports with what the host offers (core specification, 4.5.1 and 4.5.4), for any engine. */
import type { Import, Module } from '../binary/module.ts'
import { type FunctionType, functionTypeText, sameFunctionType, type ValueType } from '../binary/types.ts'
import { type HostFunction, type Imports, type ImportValue, LinkError } from './engine.ts'

export interface LinkedFunction {
  readonly kind: 'function'
  readonly type: FunctionType
}

export interface LinkedTable {
  readonly kind: 'table'
  readonly length: number
  readonly declaredMax: number | null
}

export interface LinkedMemory {
  readonly kind: 'memory'
  readonly pages: number
  readonly declaredMax: number | null
}

export interface LinkedGlobal {
  readonly kind: 'global'
  readonly type: ValueType
  readonly mutable: boolean
}

/** A memory to be made. */
export interface LinkedNewMemory {
  readonly kind: 'new-memory'
  readonly min: number
  readonly max: number | null
}

type LinkedExtern = LinkedFunction | LinkedTable | LinkedMemory | LinkedGlobal

/** The kinds of extern that an engine has of its own. */
export interface LinkingEngine<F extends LinkedFunction> {
  /** Whether it is one of the engine's externs. */
  isOwn(value: ImportValue): value is ImportValue & LinkedExtern
  hostFunction(value: HostFunction): F
}

/** One per import, in order. @throws LinkError. */
export function link<F extends LinkedFunction>(
  engine: LinkingEngine<F>,
  module: Module,
  imports: Imports,
  memoryPages: number,
): (F | LinkedExtern | LinkedNewMemory)[] {
  return module.imports.map((entry) => linkOne(engine, module, entry, imports, memoryPages))
}

function linkOne<F extends LinkedFunction>(
  engine: LinkingEngine<F>,
  module: Module,
  { module: from, name, description }: Import,
  imports: Imports,
  memoryPages: number,
): F | LinkedExtern | LinkedNewMemory {
  const value = Object.hasOwn(imports, from) ? offered(imports[from]!, name) : undefined
  if (value === undefined) throw new LinkError('missing-import', from, name, 'the host does not offer it')
  const own = engine.isOwn(value) ? value : null
  const wrong = (expected: string): never => {
    throw new LinkError('wrong-import-type', from, name, `expected is ${expected}, offered is ${words(value, own)}`)
  }
  switch (description.kind) {
    case 'function': {
      const type = module.types[description.typeIndex]!
      if (own?.kind === 'function' && sameFunctionType(own.type, type)) return own
      if (own === null && 'call' in value && sameFunctionType(value.type, type)) return engine.hostFunction(value)
      return wrong(`a function ${functionTypeText(type)}`)
    }
    case 'table': {
      const { min, max } = description.table
      if (own?.kind === 'table' && within(own.length, own.declaredMax, min, max)) return own
      return wrong(`a table of ${min} to ${max ?? 'any number of'} elements`)
    }
    case 'memory': {
      const { min, max } = description.memory
      if (own?.kind === 'memory' && within(own.pages, own.declaredMax, min, max)) return own
      if (own === null && 'newMemory' in value && value.newMemory.min <= memoryPages) {
        const { newMemory } = value
        if (within(newMemory.min, newMemory.max, min, max)) return { kind: 'new-memory', ...newMemory }
      }
      return wrong(`a memory of ${min} to ${max ?? 'any number of'} pages`)
    }
    case 'global': {
      const { type, mutable } = description.global
      if (own?.kind === 'global' && own.type === type && own.mutable === mutable) return own
      return wrong(`a ${mutable ? 'mutable' : 'constant'} global of type ${type}`)
    }
  }
}

function offered(from: Readonly<Record<string, ImportValue>>, name: string): ImportValue | undefined {
  return Object.hasOwn(from, name) ? from[name] : undefined
}

/** Import matching of limits (core specification, 4.5.1). */
function within(size: number, declaredMax: number | null, min: number, max: number | null): boolean {
  return size >= min && (max === null || (declaredMax !== null && declaredMax <= max))
}

function words(value: ImportValue, own: LinkedExtern | null): string {
  switch (own?.kind) {
    case 'table':
      return `a table of ${own.length} to ${own.declaredMax ?? 'any number of'} elements`
    case 'memory':
      return `a memory of ${own.pages} to ${own.declaredMax ?? 'any number of'} pages`
    case 'global':
      return `a ${own.mutable ? 'mutable' : 'constant'} global of type ${own.type}`
    case 'function':
      return `a function ${functionTypeText(own.type)}`
  }
  if ('call' in value) return `a function ${functionTypeText(value.type)}`
  return 'newMemory' in value ? 'a new memory' : 'something of another engine'
}
