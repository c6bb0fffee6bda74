/** Modules whose author chose the names in them to do harm where they are shown. */

import { watToWasm } from '../testing/wat.ts'
import { code, vector } from './bombs/moduleBytes.ts'
import { joinSections } from './mutate/sections.ts'

/** A string of the text format, every byte escaped. */
export function watString(text: string): string {
  const bytes = new TextEncoder().encode(text.toWellFormed())
  return `"${[...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}"`
}

/**
 * A module of the text format with a custom section behind it, and a name section that gives functions 0, 1, ... these
 * names.
 */
export function namedModule(text: string, names: readonly string[], customName = 'custom'): Uint8Array {
  const functions = vector(names.length, (writer, i) => {
    writer.u32(i)
    writer.name(names[i]!.toWellFormed())
  })
  const nameSection = code((writer) => {
    writer.name('name')
    writer.byte(1)
    writer.sized(functions)
  })
  const other = code((writer) => writer.name(customName.toWellFormed()))
  const customs = joinSections([nameSection, other].map((content) => ({ id: 0, content, sizeError: 0 }))).subarray(8)
  return Uint8Array.from([...watToWasm(text), ...customs])
}
