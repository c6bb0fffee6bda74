/**
 * Function references that cross the border. In tables stand functions that take the counters as parameters; outside
 * each is a {@link CompiledFunction}.
 */
import { PREAMBLE } from '../../binary/formatCodes.ts'
import type { Module } from '../../binary/module.ts'
import type { FunctionType } from '../../binary/types.ts'
import { DEFAULT_LIMITS } from '../../limits.ts'
import { SCHEDULES } from '../../metering/schedule.ts'
import { type HostCode, hostWebAssembly } from '../hostWebAssembly.ts'
import { IMPORT_MODULE, rewriteModule } from './rewriteModule.ts'
import { COUNTER_IMPORTS, type CompiledFunction } from './store.ts'

const known = new WeakMap<HostCode, CompiledFunction>()

/** Registers a function as it stands in tables. */
export function registerReference(code: HostCode, reference: CompiledFunction): void {
  known.set(code, reference)
}

export function referenceOf(code: HostCode): CompiledFunction {
  const reference = known.get(code)
  if (reference === undefined) throw new Error('a reference to an unknown function left an instance')
  return reference
}

/** The table entry of a function; made for functions that were never in one. `callOut` calls it from outside. */
export function codeForTables(reference: CompiledFunction): HostCode {
  if (reference.inTables === null) {
    const code = adapt(reference.type, reference.entry ?? callHost(reference))
    reference.inTables = code
    registerReference(code, reference)
  }
  return reference.inTables
}

function callHost({ type }: CompiledFunction): HostCode {
  throw new TypeError(`a function of the host (${type.params.length} parameters) cannot be passed as a reference`)
}

/** A module that does nothing but import one function and refer to it. */
function adapt(type: FunctionType, code: HostCode): HostCode {
  const module: Module = {
    bytes: PREAMBLE,
    types: [type],
    imports: [{ module: '', name: '', description: { kind: 'function', typeIndex: 0 }, offset: 0 }],
    importedFunctions: 1,
    importedTables: 0,
    importedMemories: 0,
    importedGlobals: 0,
    functionTypes: [0],
    tables: [{ min: 0, max: 0 }],
    memories: [],
    globalTypes: [],
    globals: [],
    exports: [{ name: 'table', kind: 'table', index: 0, offset: 0 }],
    start: null,
    elements: [{ mode: { kind: 'declarative' }, functions: [0], expressions: null, offset: 0 }],
    dataCount: null,
    bodies: [],
    data: [],
    customs: [],
  }
  const validated = { module, functions: [], addressTaken: Uint8Array.of(1) }
  const { bytes } = rewriteModule(validated, SCHEDULES['touchstone/1'], DEFAULT_LIMITS)
  const imports = { [IMPORT_MODULE]: [code, ...COUNTER_IMPORTS] }
  return new hostWebAssembly.Instance(new hostWebAssembly.Module(bytes), imports).exports['r0'] as HostCode
}
