/**
 * Source maps of modules (ECMA-426, and the WebAssembly tool conventions: one line, whose columns are byte offsets), as
 * `devnet build` and the AssemblyScript compiler write them.
 */

/** Where an instruction comes from. */
export interface SourcePlace {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** Most bytes of a map that is read. */
export const MAX_SOURCE_MAP_BYTES = 16_777_216

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const CONTINUES = 32
const DIGIT_BITS = 5

export class SourceMap {
  readonly sources: readonly string[]
  readonly #texts: readonly (string | null)[]
  /** Ascending; `source` -1 from where on nothing is said. */
  readonly #offsets: readonly number[]
  readonly #places: readonly { readonly source: number; readonly line: number }[]

  /** @throws SyntaxError when the text is no source map of a module */
  constructor(text: string) {
    const { sources, texts, mappings } = parsed(text)
    this.sources = sources
    this.#texts = texts
    const entries = decodeMappings(mappings).sort((a, b) => a.offset - b.offset)
    this.#offsets = entries.map(({ offset }) => offset)
    this.#places = entries
  }

  /** Of the instruction at a byte offset; null where the map says nothing. */
  at(offset: number): SourcePlace | null {
    let low = 0
    let high = this.#offsets.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#offsets[middle]! <= offset) low = middle + 1
      else high = middle
    }
    const place = this.#places[low - 1]
    const file = this.sources[place?.source ?? -1]
    return place === undefined || file === undefined ? null : { file, line: place.line }
  }

  /** Every line of a file that some instruction comes from, ascending. */
  linesOf(file: string): readonly number[] {
    const source = this.sources.indexOf(file)
    return [...new Set(this.#places.flatMap((place) => (place.source === source ? [place.line] : [])))].sort(
      (a, b) => a - b,
    )
  }

  /** The file's text, where the map has it. */
  textOf(file: string): string | null {
    return this.#texts[this.sources.indexOf(file)] ?? null
  }
}

function parsed(text: string) {
  const json: unknown = JSON.parse(text)
  if (typeof json !== 'object' || json === null) throw new SyntaxError('a source map is a JSON object')
  const { version, sources, sourcesContent, mappings } = json as Readonly<Record<string, unknown>>
  if (version !== 3 || typeof mappings !== 'string' || !isTexts(sources))
    throw new SyntaxError('a source map has "version": 3, "sources" and "mappings"')
  const texts = Array.isArray(sourcesContent) ? sourcesContent : []
  return {
    sources,
    mappings,
    texts: sources.map((_, i) => (typeof texts[i] === 'string' ? (texts[i] as string) : null)),
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function decodeMappings(mappings: string): { offset: number; source: number; line: number }[] {
  const entries: { offset: number; source: number; line: number }[] = []
  let [offset, source, line] = [0, 0, 0]
  for (const segment of mappings.split(';')[0]!.split(',')) {
    if (segment === '') continue
    const fields = decodeFields(segment)
    offset += fields[0]!
    if (fields.length === 1) {
      entries.push({ offset, source: -1, line: 0 })
      continue
    }
    if (fields.length < 4) throw new SyntaxError(`a mapping of ${fields.length} fields`)
    source += fields[1]!
    line += fields[2]!
    entries.push({ offset, source, line: line + 1 })
  }
  return entries
}

/** Base64 VLQ. */
function decodeFields(segment: string): number[] {
  const fields: number[] = []
  let value = 0
  let scale = 1
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit)
    if (bits < 0) throw new SyntaxError(`${JSON.stringify(digit)} is no digit of a source map`)
    value += (bits % CONTINUES) * scale
    scale *= 2 ** DIGIT_BITS
    if (bits >= CONTINUES) continue
    fields.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2)
    value = 0
    scale = 1
  }
  return fields
}
