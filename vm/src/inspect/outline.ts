/**
 * The contents of a module's sections, as far as they can be read: a section that is damaged or refused becomes a
 * problem and the next one is read. Function bodies are located, not read.
 */
import { decodePreamble, SectionDecoder } from '../binary/decode.ts'
import type { ExternalKind, Module } from '../binary/module.ts'
import { Reader } from '../binary/reader.ts'
import { DEFAULT_LIMITS, type Limits, SHOWN_NAME_LENGTH } from '../limits.ts'
import { ValidationError } from '../validationError.ts'
import { quotedText } from '../visibleText.ts'
import type { Findings } from './findings.ts'
import { skipLongInteger, skipValueType } from './refusedOpcodes.ts'
import { MAX_FUNCTIONS_SHOWN, MAX_SECTIONS_SHOWN, type SectionReport } from './report.ts'

export interface BodyPlace {
  /** Offset of the body, after its size. */
  readonly offset: number
  readonly byteLength: number
}

/** An import of which kind and name are known at least. */
export interface NamedImport {
  readonly module: string
  readonly name: string
  readonly kind: ExternalKind | 'tag'
}

export interface Outline {
  /** Without bodies, and without whatever could not be read. */
  readonly module: Module
  readonly sections: readonly SectionReport[]
  /** Entries a section announces, by its id; absent where there is no such section. */
  readonly items: ReadonlyMap<number, number>
  readonly imports: readonly NamedImport[]
  readonly bodies: readonly BodyPlace[]
}

const SECTION_NAMES: readonly string[] = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
]

/**
 * Wide enough to read a module that breaks the limits and say by how much. Segments cost more memory than their bytes,
 * so the limit of their number stays.
 */
const READ_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  types: 0xffffffff,
  functions: 0xffffffff,
  params: 0xffffffff,
  results: 0xffffffff,
  globals: 0xffffffff,
  tables: 0xffffffff,
  imports: 0xffffffff,
  exports: 0xffffffff,
  nameBytes: 0xffffffff,
  segmentElements: 0xffffffff,
  customSections: 0xffffffff,
}

/** Other sections than code, data and custom ones are not read above the size a whole module may have. */
const READ_BYTES = DEFAULT_LIMITS.moduleBytes

const CUSTOM = 0
const TYPE = 1
const IMPORT = 2
const CODE = 10
const DATA = 11
const LISTS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13]

/** @throws ValidationError when the bytes do not begin like a module. */
export function readOutline(bytes: Uint8Array, findings: Findings): Outline {
  const reader = new Reader(bytes)
  decodePreamble(reader)
  const outliner = new Outliner(reader, findings)
  findings.attempt(() => {
    for (let i = 0; !reader.atEnd && i < MAX_SECTIONS_SHOWN; i++) outliner.section()
  })
  return outliner.outline()
}

class Outliner {
  private readonly reader: Reader
  private readonly findings: Findings
  private readonly decoder: SectionDecoder
  private readonly sections: SectionReport[] = []
  private readonly items = new Map<number, number>()
  private readonly bodies: BodyPlace[] = []
  /** Listed leniently, because decoding stopped within them; null when it did not. */
  private lenientImports: NamedImport[] | null = null

  constructor(reader: Reader, findings: Findings) {
    this.reader = reader
    this.findings = findings
    this.decoder = new SectionDecoder(reader, { floats: 'trap', limits: READ_LIMITS })
  }

  /** @throws ValidationError when not even the section's id and size can be read. */
  section(): void {
    const { reader, findings } = this
    const offset = reader.position
    const moduleEnd = reader.end
    const id = reader.byte()
    const size = reader.u32()
    const start = reader.position
    const end = Math.min(start + size, moduleEnd)
    findings.attempt(() => {
      if (start + size <= moduleEnd) return
      const missing = start + size - moduleEnd
      const problem = `section ${id} goes past the end of the module: ${missing} of its ${size} bytes are missing`
      reader.malformed('malformed:unexpected-end', problem, offset)
    })
    reader.end = end
    if (LISTS.includes(id)) this.items.set(id, this.peekCount())
    const items = this.items.get(id) ?? null
    this.sections.push({ id, name: this.nameOf(id), offset, byteLength: end - offset, items })
    this.content(id, offset, start)
    reader.functionIndex = null
    reader.instruction = null
    reader.position = end
    reader.end = moduleEnd
  }

  private content(id: number, offset: number, start: number): void {
    const { reader, findings, decoder } = this
    if (id === CODE) {
      findings.attempt(() => this.locateBodies())
      return
    }
    if (id !== CUSTOM && id !== DATA && reader.end - start > READ_BYTES) return
    const read = findings.attempt(() => {
      decoder.content(id, offset)
      return true
    })
    if (id === TYPE && read === true) this.findTypes(start)
    if (id === IMPORT && read !== true) {
      reader.position = start
      this.lenientImports = []
      findings.attempt(() => this.listImports(this.lenientImports!))
    }
  }

  private nameOf(id: number): string {
    if (id !== CUSTOM) return SECTION_NAMES[id] ?? `unknown section ${id}`
    const { reader } = this
    const start = reader.position
    try {
      return `custom ${quotedText(reader.name().text, SHOWN_NAME_LENGTH)}`
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      return 'custom'
    } finally {
      reader.position = start
    }
  }

  private peekCount(): number {
    const { reader } = this
    const start = reader.position
    try {
      return reader.u32()
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      return 0
    } finally {
      reader.position = start
    }
  }

  private locateBodies(): void {
    const { reader } = this
    const count = reader.u32()
    for (let i = 0; i < count && i < MAX_FUNCTIONS_SHOWN; i++) {
      const byteLength = reader.u32()
      const offset = reader.position
      this.bodies.push({ offset, byteLength: Math.min(byteLength, reader.end - offset) })
      reader.take(byteLength)
    }
    if (count <= MAX_FUNCTIONS_SHOWN && !reader.atEnd) {
      reader.malformed('malformed:section-size', `section ${CODE} has bytes left at its end`)
    }
  }

  /** Walks the types once more for the place of what the profile refuses in them. */
  private findTypes(start: number): void {
    const { reader, findings } = this
    reader.position = start
    const count = reader.u32()
    for (let i = 0; i < count; i++) {
      reader.byte()
      for (const part of ['parameters', 'results'] as const) {
        const types = reader.u32()
        for (let j = 0; j < types; j++) {
          const offset = reader.position
          findings.valueType(skipValueType(reader), reader.at(offset))
        }
        if (part === 'results' && types > 1) findings.use('multi-value')
      }
    }
  }

  private listImports(imports: NamedImport[]): void {
    const { reader } = this
    const count = reader.u32()
    for (let i = 0; i < count; i++) {
      const module = reader.name().text
      const name = reader.name().text
      imports.push({ module, name, kind: skipImportDescription(reader) })
    }
  }

  outline(): Outline {
    const module = this.decoder.collected()
    const decoded = module.imports.map(({ module: from, name, description }) => ({
      module: from,
      name,
      kind: description.kind,
    }))
    const imports = this.lenientImports ?? decoded
    return { module, sections: this.sections, items: this.items, imports, bodies: this.bodies }
  }
}

function skipImportDescription(reader: Reader): NamedImport['kind'] {
  const offset = reader.position
  const kind = reader.byte()
  switch (kind) {
    case 0:
      reader.u32()
      return 'function'
    case 1:
      skipValueType(reader)
      skipSizes(reader)
      return 'table'
    case 2:
      skipSizes(reader)
      return 'memory'
    case 3:
      skipValueType(reader)
      reader.byte()
      return 'global'
    case 4:
      reader.byte()
      reader.u32()
      return 'tag'
    default:
      return reader.malformed('malformed:import-kind', `0x${kind.toString(16)} is not a kind of import`, offset)
  }
}

/** The limits of a memory or table, also a shared or 64-bit one. */
function skipSizes(reader: Reader): void {
  const flags = reader.byte()
  skipLongInteger(reader)
  if ((flags & 1) !== 0) skipLongInteger(reader)
}
