/**
 * Source maps of modules (ECMA-426, and the WebAssembly tool conventions: one line, whose columns are byte offsets), as
 * `devnet build` and the AssemblyScript compiler write them.
 */
import { decode } from '@jridgewell/sourcemap-codec'
import { lastUpTo } from './lastUpTo.ts'
import type { LineTable } from './lineTable.ts'
import { LocalNames, type NamedLocal } from './localNames.ts'

/** Where an instruction comes from. */
export interface SourcePlace {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** Most bytes of a map that is read. */
export const MAX_SOURCE_MAP_BYTES = 16_777_216

/** One, four or five numbers in base64 VLQ: of each, digits that go on, and one that ends it. */
const SEGMENT = /^(?:[g-z0-9+/]*[A-Za-f])(?:(?:[g-z0-9+/]*[A-Za-f]){3,4})?$/

export class SourceMap implements LineTable {
  readonly sources: readonly string[]
  readonly #texts: readonly (string | null)[]
  readonly #locals: LocalNames | null
  /** Ascending; `source` -1 from where on nothing is said. */
  /** In order of their offsets. */
  readonly #places: readonly { readonly offset: number; readonly source: number; readonly line: number }[]

  /** @throws SyntaxError when the text is no source map of a module */
  constructor(text: string) {
    const { sources, texts, mappings, locals } = parsed(text)
    this.#locals = locals
    this.sources = sources
    this.#texts = texts
    this.#places = decodeMappings(mappings).sort((a, b) => a.offset - b.offset)
  }

  /** Of the instruction at a byte offset; null where the map says nothing. */
  at(offset: number): SourcePlace | null {
    const place = lastUpTo(this.#places, offset, (one) => one.offset)
    const file = this.sources[place?.source ?? -1]
    return place === undefined || file === undefined ? null : { file, line: place.line }
  }

  /** The file's text, where the map has it. */
  textOf(file: string): string | null {
    return this.#texts[this.sources.indexOf(file)] ?? null
  }

  /**
   * The variables that locals of a function are before the instruction at an offset, which comes from `place`: none where
   * the build kept no names, or is not certain.
   */
  localsAt(functionIndex: number, offset: number, place: SourcePlace): ReadonlyMap<number, readonly NamedLocal[]> {
    return this.#locals?.at(functionIndex, offset, place) ?? NO_LOCALS
  }

  /** The author's variables whose scope a line is in, wherever they are. */
  scopeAt(place: SourcePlace): readonly NamedLocal[] {
    return this.#locals?.scopeAt(place) ?? []
  }
}

const NO_LOCALS: ReadonlyMap<number, readonly NamedLocal[]> = new Map()
/** Of `x_touchstone_locals`; of others nothing is read. */
const LOCALS_VERSION = 2

function parsed(text: string) {
  const json: unknown = JSON.parse(text)
  if (typeof json !== 'object' || json === null) throw new SyntaxError('a source map is a JSON object')
  const { version, sources, sourcesContent, mappings, x_touchstone_locals } = json as Readonly<Record<string, unknown>>
  if (version !== 3 || typeof mappings !== 'string' || !isTexts(sources))
    throw new SyntaxError('a source map has "version": 3, "sources" and "mappings"')
  const texts = Array.isArray(sourcesContent) ? sourcesContent : []
  return {
    sources,
    mappings,
    locals: isOfVersion(x_touchstone_locals) ? new LocalNames(x_touchstone_locals, sources) : null,
    texts: sources.map((_, i) => (typeof texts[i] === 'string' ? (texts[i] as string) : null)),
  }
}

function isOfVersion(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === LOCALS_VERSION
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

/** The codec checks nothing: it takes any character for a digit, and zero for a field that is missing. */
function decodeMappings(mappings: string): { offset: number; source: number; line: number }[] {
  const lineOfModule = mappings.split(';')[0]!
  const wrong = lineOfModule.split(',').find((segment) => segment !== '' && !SEGMENT.test(segment))
  if (wrong !== undefined) throw new SyntaxError(`${JSON.stringify(wrong.slice(0, 40))} is no segment of a source map`)
  return decode(lineOfModule).flatMap((segments) =>
    segments.map(([offset, source, line]) => ({ offset, source: source ?? -1, line: (line ?? -1) + 1 })),
  )
}
