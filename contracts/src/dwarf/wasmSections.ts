/** The sections of a module, as far as debug information needs them: any bytes, each length within them. */
import { MAX_FUNCTION_NAMES, MAX_NAME_BYTES, MAX_SECTIONS } from './limits.ts'
import type { FunctionBounds } from './lineProgram.ts'

export interface WasmSection {
  readonly id: number
  /** Of a custom section; null of others. */
  readonly name: string | null
  /** Byte offsets of the section, of its contents (of a custom one behind its name), and of its end. */
  readonly start: number
  readonly contents: number
  readonly end: number
}

const utf8 = new TextDecoder()
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
export const CODE_SECTION = 10
const CUSTOM_SECTION = 0

/** @throws SyntaxError when it is no module */
export function sectionsOf(wasm: Uint8Array): readonly WasmSection[] {
  if (HEADER.some((byte, i) => wasm[i] !== byte)) throw new SyntaxError('it is no WebAssembly module')
  const sections: WasmSection[] = []
  for (let start = HEADER.length; start < wasm.length; ) {
    const size = lengthAt(wasm, start + 1)
    const end = size.next + size.value
    if (end > wasm.length) throw new SyntaxError(`the module is damaged at byte ${start}`)
    const id = wasm[start]!
    const name = id === CUSTOM_SECTION ? nameAt(wasm, size.next, end) : null
    if (sections.length >= MAX_SECTIONS) throw new SyntaxError(`it has more than ${MAX_SECTIONS} sections`)
    sections.push({ id, name: name?.text ?? null, start, contents: name?.next ?? size.next, end })
    start = end
  }
  return sections
}

/** Where the functions of a code section begin and end, behind their lengths, from the beginning of its contents. */
export function functionBoundsOf(wasm: Uint8Array, { contents, end }: WasmSection): FunctionBounds {
  const startByEnd = new Map<number, number>()
  const count = lengthAt(wasm, contents)
  for (let at = count.next, left = count.value; left > 0; left--) {
    const size = lengthAt(wasm, at)
    at = size.next + size.value
    if (at > end) throw new SyntaxError('the code section ends before its functions do')
    startByEnd.set(at - contents, size.next - contents)
  }
  return { startByEnd, length: end - contents }
}

/** Names of functions by index, from a `name` section; none where it is damaged. */
export function functionNamesOf(wasm: Uint8Array, sections: readonly WasmSection[]): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  const section = sections.find(({ name }) => name === 'name')
  if (section === undefined) return names
  try {
    for (let at = section.contents; at < section.end; ) {
      const size = lengthAt(wasm, at + 1)
      const end = size.next + size.value
      if (wasm[at] === FUNCTION_NAMES) {
        let entry = lengthAt(wasm, size.next).next
        while (entry < end && names.size < MAX_FUNCTION_NAMES) {
          const index = lengthAt(wasm, entry)
          const name = nameAt(wasm, index.next, end)
          names.set(index.value, name.text)
          entry = name.next
        }
      }
      at = end
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return names
}

const FUNCTION_NAMES = 1

/** A LEB128 of at most five bytes. */
function lengthAt(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let next = at, scale = 1; next < at + 5; scale *= 128) {
    const byte = bytes[next++]
    if (byte === undefined) break
    value += (byte & 127) * scale
    if (byte < 128) return { value, next }
  }
  throw new SyntaxError(`the module is damaged at byte ${at}`)
}

function nameAt(bytes: Uint8Array, at: number, end: number): { readonly text: string; readonly next: number } {
  const length = lengthAt(bytes, at)
  const next = length.next + length.value
  if (next > end) throw new SyntaxError(`the module is damaged at byte ${at}`)
  return { text: utf8.decode(bytes.subarray(length.next, Math.min(next, length.next + MAX_NAME_BYTES))), next }
}
