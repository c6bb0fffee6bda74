/** A module as a list of sections, with nothing looked at inside them. */
import { Writer } from '../../src/binary/writer.ts'

export interface Section {
  readonly id: number
  readonly content: Uint8Array
  /** Added to the size that is written: 0 for a section that is in order. */
  readonly sizeError: number
}

/** Null for bytes that are no list of sections. */
export function splitSections(bytes: Uint8Array): Section[] | null {
  const sections: Section[] = []
  let position = 8
  while (position < bytes.length) {
    const id = bytes[position]!
    const size = readSize(bytes, position + 1)
    if (size === null || size.end + size.value > bytes.length) return null
    sections.push({ id, content: bytes.subarray(size.end, size.end + size.value), sizeError: 0 })
    position = size.end + size.value
  }
  return sections
}

export function joinSections(sections: readonly Section[]): Uint8Array {
  const writer = new Writer()
  writer.raw(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
  for (const { id, content, sizeError } of sections) {
    writer.byte(id)
    writer.u32(content.length + sizeError)
    writer.raw(content)
  }
  return writer.finish()
}

/** An unsigned LEB128 integer and where it ends. */
export function readSize(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } | null {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes[from + i]
    if (byte === undefined) return null
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, end: from + i + 1 }
  }
  return null
}
