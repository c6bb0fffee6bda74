/**
 * Shortens a module's name section (WebAssembly core specification, appendix "Name Section") to what a reader of a trap
 * needs: `Token#transfer`, not `assembly/index/Token#transfer`. Names of imports, which the import section has, of the
 * module and of locals go. Every byte of a module is paid for when it is deployed.
 */

const HEADER_BYTES = 8
const CUSTOM_SECTION = 0
const IMPORT_SECTION = 2
const FUNCTION_NAMES = 1

export function shortenNames(wasm: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [wasm.subarray(0, HEADER_BYTES)]
  let importedFunctions = 0
  for (let at = HEADER_BYTES; at < wasm.length; ) {
    const size = readUnsigned(wasm, at + 1)
    const end = size.next + size.value
    const section = wasm.subarray(at, end)
    if (wasm[at] === IMPORT_SECTION) importedFunctions = readUnsigned(wasm, size.next).value
    const name = wasm[at] === CUSTOM_SECTION ? readName(wasm, size.next) : null
    if (name === null) parts.push(section)
    else if (name.text === 'name') parts.push(shortSection(wasm.subarray(name.next, end), importedFunctions))
    at = end
  }
  return concat(parts)
}

/** Names of functions as the compiler wrote them, by index. */
export function fullNames(wasm: Uint8Array): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (let at = HEADER_BYTES; at < wasm.length; ) {
    const size = readUnsigned(wasm, at + 1)
    const end = size.next + size.value
    const name = wasm[at] === CUSTOM_SECTION ? readName(wasm, size.next) : null
    if (name?.text === 'name') {
      for (const { index, text } of functionNames(wasm.subarray(name.next, end))) names.set(index, text)
    }
    at = end
  }
  return names
}

/** The last part of every path in an AssemblyScript name, and the lengths of arrays as numbers: `FixedArray<U256,3>`. */
export function shortName(name: string): string {
  return name.replace(/~?[\w@.-]+(?:\/[\w@.-]+)*\//g, '').replace(/(?<=,)__(?=\d+[>,])/g, '')
}

/** Our modules import nothing but functions, so the number of imports is the index of the first function defined. */
function shortSection(section: Uint8Array, firstDefined: number): Uint8Array {
  const entries = functionNames(section)
    .filter(({ index }) => index >= firstDefined)
    .map(({ index, text }) => concat([unsigned(index), nameBytes(shortName(text))]))
  const names = concat([unsigned(entries.length), ...entries])
  const body = concat([nameBytes('name'), Uint8Array.of(FUNCTION_NAMES), unsigned(names.length), names])
  return concat([Uint8Array.of(CUSTOM_SECTION), unsigned(body.length), body])
}

function functionNames(section: Uint8Array): { readonly index: number; readonly text: string }[] {
  const names: { index: number; text: string }[] = []
  for (let at = 0; at < section.length; ) {
    const size = readUnsigned(section, at + 1)
    const end = size.next + size.value
    if (section[at] === FUNCTION_NAMES) {
      let entry = readUnsigned(section, size.next).next
      while (entry < end) {
        const index = readUnsigned(section, entry)
        const name = readName(section, index.next)
        names.push({ index: index.value, text: name.text })
        entry = name.next
      }
    }
    at = end
  }
  return names
}

/** LEB128 of a number below 2^32. */
function readUnsigned(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0
  for (let scale = 1, next = at; ; scale *= 128) {
    const byte = bytes[next++] as number
    value += (byte & 127) * scale
    if (byte < 128) return { value, next }
  }
}

function unsigned(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push(rest < 128 ? rest : (rest % 128) + 128)
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Uint8Array.from(bytes)
}

function readName(bytes: Uint8Array, at: number): { text: string; next: number } {
  const length = readUnsigned(bytes, at)
  const next = length.next + length.value
  return { text: new TextDecoder().decode(bytes.subarray(length.next, next)), next }
}

function nameBytes(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  return concat([unsigned(bytes.length), bytes])
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
