/**
 * The features a module needs outside its function bodies: proposals that show in declarations, refused types of globals.
 */
import { valueTypeCode } from '../binary/encodeCode.ts'
import type { Module } from '../binary/module.ts'
import type { Findings } from './findings.ts'

export function findDeclared(module: Module, findings: Findings): void {
  const globalPlace = (index: number): number | null => module.globals[index - module.importedGlobals]?.offset ?? null
  const imported = module.imports.filter(({ description }) => description.kind === 'global')
  for (const [i, { type }] of module.globalTypes.entries()) {
    const at = { functionIndex: null, offset: imported[i]?.offset ?? globalPlace(i), instruction: null }
    if (type === 'f32' || type === 'f64') findings.valueType(valueTypeCode(type), at)
    else if (type === 'funcref') findings.use('reference-types')
  }
  const mutable = (index: number): boolean => module.globalTypes[index]?.mutable === true
  for (let i = 0; i < module.importedGlobals; i++) if (mutable(i)) findings.use('mutable-globals')
  for (const { kind, index } of module.exports) {
    if (kind === 'global' && mutable(index)) findings.use('mutable-globals')
  }
  if (module.tables.length > 1) findings.use('reference-types', module.tables.length - 1)
  for (const { mode } of [...module.elements, ...module.data]) {
    if (mode.kind === 'passive') findings.use('bulk-memory')
    else if (mode.kind === 'declarative') findings.use('reference-types')
  }
  const starts = [...module.elements, ...module.data].flatMap(({ mode }) =>
    mode.kind === 'active' ? [mode.start] : [],
  )
  for (const { count } of [...module.globals.map(({ init }) => init), ...starts]) {
    // A constant and its `end`: more than that is arithmetic.
    if (count > 2) findings.use('extended-const')
  }
}
