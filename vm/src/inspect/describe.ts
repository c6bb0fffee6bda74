/** Imports, exports and functions for a reader, with names and types as far as they are known. */
import type { ExternalKind } from '../binary/module.ts'
import type { ExternalType } from '../binary/moduleSummary.ts'
import { type FunctionNames, functionNames } from '../binary/names.ts'
import type { FunctionType } from '../binary/types.ts'
import type { MeasuredBody } from './limitsUsed.ts'
import type { Outline } from './outline.ts'
import type { ExportReport, FunctionReport, ImportReport } from './report.ts'

/** Where imports could be listed only, names of functions still need their order. */
export function namesOf({ module, imports }: Outline): FunctionNames {
  if (module.imports.length === imports.length) return functionNames(module)
  const named = imports
    .filter(({ kind }) => kind === 'function')
    .map(({ module: from, name }) => ({
      module: from,
      name,
      description: { kind: 'function' as const, typeIndex: 0 },
      offset: 0,
    }))
  return functionNames({ ...module, imports: named })
}

/** The imports, with types as far as they could be read. */
export function importReports({ module, imports }: Outline): ImportReport[] {
  return imports.map((item, i) => {
    const description = module.imports[i]?.description
    let external: ExternalType | null = null
    if (description?.kind === 'function') {
      const type = module.types[description.typeIndex]
      external = type === undefined ? null : { kind: 'function', type }
    } else if (description?.kind === 'table') external = { kind: 'table', ...description.table }
    else if (description?.kind === 'memory') external = { kind: 'memory', ...description.memory }
    else if (description?.kind === 'global') external = { kind: 'global', ...description.global }
    return { module: item.module, name: item.name, kind: item.kind, external }
  })
}

export function exportReports(outline: Outline): ExportReport[] {
  return outline.module.exports.map(({ name, kind, index }) => ({
    name,
    kind,
    index,
    external: externalOf(outline, kind, index),
  }))
}

function externalOf(outline: Outline, kind: ExternalKind, index: number): ExternalType | null {
  const { module } = outline
  switch (kind) {
    case 'function': {
      const type = functionTypeAt(outline, index)
      return type === null ? null : { kind, type }
    }
    case 'table':
      return module.tables[index] === undefined ? null : { kind, ...module.tables[index] }
    case 'memory':
      return module.memories[index] === undefined ? null : { kind, ...module.memories[index] }
    case 'global':
      return module.globalTypes[index] === undefined ? null : { kind, ...module.globalTypes[index] }
  }
}

/** Fewer function imports than announced may have been decoded; the functions defined follow right after those. */
export function functionTypeAt(outline: Outline, index: number): FunctionType | null {
  const { module } = outline
  const imported = importedFunctionsOf(outline)
  if (index < imported && index >= module.importedFunctions) return null
  const place = index < imported ? index : index - imported + module.importedFunctions
  return module.types[module.functionTypes[place] ?? -1] ?? null
}

/** Functions the module imports, also when their types could not be read. */
export function importedFunctionsOf({ imports }: Outline): number {
  let count = 0
  for (const { kind } of imports) if (kind === 'function') count++
  return count
}

/** Most expensive first. */
export function functionReports(
  outline: Outline,
  bodies: readonly MeasuredBody[],
  names: FunctionNames,
): FunctionReport[] {
  const { module, bodies: places } = outline
  const exported = new Set(module.exports.flatMap(({ kind, index }) => (kind === 'function' ? [index] : [])))
  const reports = bodies.map(({ index, scan }, i): FunctionReport => {
    const { offset, byteLength } = places[i]!
    const { locals, instructions, loops, calls, refused, complete, fuel, leastFuel } = scan
    return {
      index,
      name: names(index),
      exported: exported.has(index),
      type: functionTypeAt(outline, index),
      offset,
      byteLength,
      locals,
      instructions,
      loops,
      calls,
      refused,
      complete,
      fuel,
      leastFuel,
    }
  })
  return reports.sort((left, right) => (right.fuel ?? -1) - (left.fuel ?? -1))
}
