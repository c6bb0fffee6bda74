/** Makes the outward description of a validated module. */

import { type ExternalKind, functionTypeOf, type ImportDescription, type Module } from './module.ts'
import { type ExternalType, type ModuleSummary, START_POINTS } from './moduleSummary.ts'

/** The counts that validation takes of a function. */
export interface FunctionCounts {
  readonly loops: number
  readonly controlValues: number
}

/** Without the counts of its functions, as before validation, they are summed up to 0: enough to tell an ABI. */
export function summarize(module: Module, functions: readonly FunctionCounts[] = []): ModuleSummary {
  const [memory] = module.memories
  return {
    imports: module.imports.map(({ module: from, name, description }) => ({
      module: from,
      name,
      external: importedType(module, description),
    })),
    exports: module.exports.map(({ name, kind, index }) => ({ name, external: externalType(module, kind, index) })),
    memory: memory === undefined ? null : { ...memory, imported: module.importedMemories > 0 },
    hasStart: module.start !== null,
    functionCount: module.bodies.length,
    tableElements: module.tables.slice(module.importedTables).reduce((sum, { min }) => sum + min, 0),
    segmentElements: module.elements.reduce(
      (sum, { functions, expressions }) => sum + (functions ?? expressions ?? []).length,
      0,
    ),
    declaredLocals: module.bodies.reduce((sum, { locals }) => sum + locals.length, 0),
    loops: functions.reduce((sum, { loops }) => sum + loops, 0),
    controlValues: functions.reduce(
      (sum, { controlValues }, i) => sum + controlValues + START_POINTS * localsOf(module, i),
      0,
    ),
    declarations: declarations(module),
    byteLength: module.bytes.length,
    customSections: module.customs.map(({ name, bytes }) => ({ name, byteLength: bytes.length })),
  }
}

/** Parameters and declared locals of the `i`-th function that the module defines. */
function localsOf(module: Module, i: number): number {
  return functionTypeOf(module, module.importedFunctions + i).params.length + module.bodies[i]!.locals.length
}

function declarations({ types, globals, elements, data }: Module): number {
  // A global has a constant expression, and so has the place of an active segment.
  let count = types.length + 2 * globals.length
  for (const { mode, expressions } of elements) count += (mode.kind === 'active' ? 2 : 1) + (expressions ?? []).length
  for (const { mode } of data) count += mode.kind === 'active' ? 2 : 1
  return count
}

function importedType(module: Module, description: ImportDescription): ExternalType {
  switch (description.kind) {
    case 'function':
      return { kind: 'function', type: module.types[description.typeIndex]! }
    case 'table':
      return { kind: 'table', ...description.table }
    case 'memory':
      return { kind: 'memory', ...description.memory }
    case 'global':
      return { kind: 'global', ...description.global }
  }
}

function externalType(module: Module, kind: ExternalKind, index: number): ExternalType {
  switch (kind) {
    case 'function':
      return { kind, type: functionTypeOf(module, index) }
    case 'table':
      return { kind, ...module.tables[index]! }
    case 'memory':
      return { kind, ...module.memories[index]! }
    case 'global':
      return { kind, ...module.globalTypes[index]! }
  }
}
