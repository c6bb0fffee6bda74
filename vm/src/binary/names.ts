/**
 * Names of functions and of their locals, for people only: from the `name` custom section (core specification, 7.4.1),
 * those of functions else from exports and imports. Damaged name sections are ignored, as the specification demands.
 */

import { DEBUG_NAME_LENGTH } from '../limits.ts'
import { ValidationError } from '../validationError.ts'
import { printable } from '../visibleText.ts'
import type { Module } from './module.ts'
import { Reader } from './reader.ts'

/** The name of function `index` of the index space, made safe to show and cut; null when it has none. */
export type FunctionNames = (index: number) => string | null

/** Reads the names when the first one is asked for. */
export function functionNames(module: Pick<Module, 'customs' | 'exports' | 'imports'>): FunctionNames {
  return shownWhenAsked(() => collectNames(module))
}

/** A trap names up to 64 functions, and a contract may trap for little gas: so no name is made safe to show twice. */
function shownWhenAsked(collect: () => ReadonlyMap<number, string>): FunctionNames {
  let names: ReadonlyMap<number, string> | null = null
  const shown = new Map<number, string>()
  return (index) => {
    const before = shown.get(index)
    if (before !== undefined) return before
    names ??= collect()
    const name = names.get(index)
    if (name === undefined) return null
    const text = printable(name, DEBUG_NAME_LENGTH)
    shown.set(index, text)
    return text
  }
}

function collectNames({ customs, exports, imports }: Parameters<typeof functionNames>[0]): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  let imported = 0
  for (const { module, name, description } of imports) {
    if (description.kind === 'function') names.set(imported++, `${module}.${name}`)
  }
  for (const { kind, index, name } of exports) if (kind === 'function') names.set(index, name)
  const section = customs.find(({ name }) => name === 'name')
  if (section !== undefined) readNameSection(section.bytes, names)
  return names
}

/** Names of the locals of a function by their indices, made safe to show and cut; read when they are first asked for. */
export function localNames(module: Pick<Module, 'customs'>): (functionIndex: number) => ReadonlyMap<number, string> {
  let names: ReadonlyMap<number, ReadonlyMap<number, string>> | null = null
  return (functionIndex) => {
    names ??= collectLocalNames(module)
    return names.get(functionIndex) ?? NO_NAMES
  }
}

const NO_NAMES: ReadonlyMap<number, string> = new Map()

function collectLocalNames({ customs }: Pick<Module, 'customs'>): ReadonlyMap<number, ReadonlyMap<number, string>> {
  const names = new Map<number, Map<number, string>>()
  const section = customs.find(({ name }) => name === 'name')
  if (section === undefined) return names
  readSubsection(section.bytes, LOCAL_NAMES, (reader) => {
    for (let functions = reader.u32(); functions > 0; functions--) {
      const ofFunction = new Map<number, string>()
      names.set(reader.u32(), ofFunction)
      for (let count = reader.u32(); count > 0; count--) {
        ofFunction.set(reader.u32(), printable(reader.name().text, DEBUG_NAME_LENGTH))
      }
    }
  })
  return names
}

/** Names of a module that did not decode: whatever a name section somewhere in it says. */
export function namesInBytes(bytes: Uint8Array): FunctionNames {
  return shownWhenAsked(() => {
    const names = new Map<number, string>()
    quietly(() => scanSections(bytes, names))
    return names
  })
}

function scanSections(bytes: Uint8Array, names: Map<number, string>): void {
  const reader = new Reader(bytes, 8)
  while (!reader.atEnd) {
    const id = reader.byte()
    const section = new Reader(reader.take(reader.u32()))
    if (id === 0 && section.name().text === 'name') {
      readNameSection(section.bytes.subarray(section.position), names)
    }
  }
}

/** Subsections of the name section. */
const FUNCTION_NAMES = 1
const LOCAL_NAMES = 2

function readNameSection(bytes: Uint8Array, names: Map<number, string>): void {
  readSubsection(bytes, FUNCTION_NAMES, (reader) => {
    const count = reader.u32()
    for (let i = 0; i < count; i++) {
      const index = reader.u32()
      names.set(index, reader.name().text)
    }
  })
}

/** `read` is given what stands from the subsection on; a damaged one ends it. */
function readSubsection(bytes: Uint8Array, wanted: number, read: (reader: Reader) => void): void {
  quietly(() => {
    const reader = new Reader(bytes)
    while (!reader.atEnd) {
      const id = reader.byte()
      const size = reader.u32()
      if (id === wanted) return read(reader)
      reader.take(size)
    }
  })
}

function quietly(read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
  }
}
