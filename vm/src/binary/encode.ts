/**
 * Encodes a module (core specification, chapter 5). The opposite of decode.ts: a module in shortest encoding comes back
 * byte for byte. Byte offsets inside the module are not looked at.
 */

import { encodeBody, encodeExpression, valueTypeCode } from './encodeCode.ts'
import { FUNCREF_CODE, FUNCTION_FORM, PREAMBLE } from './formatCodes.ts'
import type { DataSegment, ElementSegment, ExternalKind, GlobalType, Import, MemoryType, Module } from './module.ts'
import type { FunctionType } from './types.ts'
import { Writer } from './writer.ts'

const SECTION_IDS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11]
const KIND_CODES: Readonly<Record<ExternalKind, number>> = { function: 0, table: 1, memory: 2, global: 3 }

export function encode(module: Module): Uint8Array {
  const writer = new Writer()
  writer.raw(PREAMBLE)
  writeCustoms(writer, module, 0)
  for (const id of SECTION_IDS) {
    const section = new Writer()
    writeSection(section, module, id)
    if (section.length > 0) {
      writer.byte(id)
      writer.sized(section.finish())
    }
    writeCustoms(writer, module, id)
  }
  return writer.finish()
}

function writeCustoms(writer: Writer, module: Module, after: number): void {
  for (const custom of module.customs) {
    if (custom.after !== after) continue
    const section = new Writer()
    section.name(custom.name)
    section.raw(custom.bytes)
    writer.byte(0)
    writer.sized(section.finish())
  }
}

/** Writes nothing when the section would be empty. */
export function writeSection(writer: Writer, module: Module, id: number): void {
  switch (id) {
    case 1:
      vector(writer, module.types, (type) => writeFunctionType(writer, type))
      break
    case 2:
      vector(writer, module.imports, (entry) => writeImport(writer, entry))
      break
    case 3:
      vector(writer, module.functionTypes.slice(module.importedFunctions), (typeIndex) => writer.u32(typeIndex))
      break
    case 4:
      vector(writer, module.tables.slice(module.importedTables), (table) => writeTableType(writer, table))
      break
    case 5:
      vector(writer, module.memories.slice(module.importedMemories), (memory) => writeLimits(writer, memory))
      break
    case 6:
      vector(writer, module.globals, ({ init }, i) => {
        writeGlobalType(writer, module.globalTypes[module.importedGlobals + i]!)
        encodeExpression(writer, init)
      })
      break
    case 7:
      vector(writer, module.exports, ({ name, kind, index }) => {
        writer.name(name)
        writer.byte(KIND_CODES[kind])
        writer.u32(index)
      })
      break
    case 8:
      if (module.start !== null) writer.u32(module.start.functionIndex)
      break
    case 9:
      vector(writer, module.elements, (segment) => writeElementSegment(writer, segment))
      break
    case 10:
      vector(writer, module.bodies, (body) => writer.sized(encodeBody(body)))
      break
    case 11:
      vector(writer, module.data, (segment) => writeDataSegment(writer, segment))
      break
    case 12:
      if (module.dataCount !== null) writer.u32(module.dataCount)
      break
  }
}

function vector<T>(writer: Writer, items: readonly T[], write: (item: T, index: number) => void): void {
  if (items.length === 0) return
  writer.u32(items.length)
  items.forEach(write)
}

function writeFunctionType(writer: Writer, { params, results }: FunctionType): void {
  writer.byte(FUNCTION_FORM)
  for (const types of [params, results]) {
    writer.u32(types.length)
    for (const type of types) writer.byte(valueTypeCode(type))
  }
}

function writeLimits(writer: Writer, { min, max }: MemoryType): void {
  writer.byte(max === null ? 0 : 1)
  writer.u32(min)
  if (max !== null) writer.u32(max)
}

function writeTableType(writer: Writer, limits: MemoryType): void {
  writer.byte(FUNCREF_CODE)
  writeLimits(writer, limits)
}

function writeGlobalType(writer: Writer, { type, mutable }: GlobalType): void {
  writer.byte(valueTypeCode(type))
  writer.byte(mutable ? 1 : 0)
}

function writeImport(writer: Writer, { module, name, description }: Import): void {
  writer.name(module)
  writer.name(name)
  writer.byte(KIND_CODES[description.kind])
  switch (description.kind) {
    case 'function':
      writer.u32(description.typeIndex)
      break
    case 'table':
      writeTableType(writer, description.table)
      break
    case 'memory':
      writeLimits(writer, description.memory)
      break
    case 'global':
      writeGlobalType(writer, description.global)
  }
}

function writeElementSegment(writer: Writer, { mode, functions, expressions }: ElementSegment): void {
  const withExpressions = expressions !== null ? 4 : 0
  const named = mode.kind === 'active' && mode.index !== 0
  const kind = mode.kind === 'passive' ? 1 : mode.kind === 'declarative' ? 3 : named ? 2 : 0
  writer.u32(kind | withExpressions)
  if (mode.kind === 'active') {
    if (named) writer.u32(mode.index)
    encodeExpression(writer, mode.start)
  }
  if (kind !== 0) writer.byte(expressions !== null ? FUNCREF_CODE : 0)
  if (functions !== null) {
    writer.u32(functions.length)
    for (const index of functions) writer.u32(index)
  } else {
    writer.u32(expressions!.length)
    for (const expression of expressions!) encodeExpression(writer, expression)
  }
}

function writeDataSegment(writer: Writer, { mode, bytes }: DataSegment): void {
  if (mode.kind === 'active') {
    writer.u32(mode.index === 0 ? 0 : 2)
    if (mode.index !== 0) writer.u32(mode.index)
    encodeExpression(writer, mode.start)
  } else writer.u32(1)
  writer.sized(bytes)
}
