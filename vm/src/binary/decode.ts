/**
 * Decodes a binary module (core specification, chapter 5). Everything that can be told from the bytes alone is checked
 * here, also the limits and the refused features; checks that need the whole module are left to validate/.
 */

import type { Limits } from '../limits.ts'
import { checkLimit, refuse } from '../validationError.ts'
import { type CodeContext, decodeBody, decodeExpression, InstructionBuffer } from './decodeCode.ts'
import { decodeDataSegment, decodeElementSegment, ElementExpressions } from './decodeSegments.ts'
import { decodeFunctionType, decodeGlobalType, decodeMemoryType, decodeTableType } from './decodeTypes.ts'
import type {
  CustomSection,
  DataSegment,
  ElementSegment,
  Export,
  ExternalKind,
  FunctionBody,
  Global,
  GlobalType,
  Import,
  ImportDescription,
  MemoryType,
  Module,
  TableType,
} from './module.ts'
import { Reader } from './reader.ts'
import type { FunctionType } from './types.ts'

export interface DecodeOptions {
  /** `trap`: float types and instructions decode and validate, and trap when executed. */
  readonly floats: 'reject' | 'trap'
  readonly limits: Limits
}

/** Section ids in the order sections must come in; 12 is the data count, 13 (tags) is refused. */
const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]
const EXTERNAL_KINDS: readonly ExternalKind[] = ['function', 'table', 'memory', 'global']

/** @throws ValidationError for bytes that are no module, and for what limits and profile refuse. */
export function decode(bytes: Uint8Array, options: DecodeOptions): Module {
  const reader = new Reader(bytes)
  checkLimit('moduleBytes', bytes.length, options.limits.moduleBytes, reader.at(0))
  decodePreamble(reader)
  const sections = new SectionDecoder(reader, options)
  while (!reader.atEnd) sections.next()
  return sections.finish()
}

/** @throws ValidationError for bytes that do not begin like a module of version 1. */
export function decodePreamble(reader: Reader): void {
  const { bytes } = reader
  if (bytes[0] !== 0x00 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    reader.malformed('malformed:magic', 'this is not a WebAssembly module: it does not begin with 00 61 73 6d')
  }
  // Of a component the second half of the version is its "layer", 1 (component-model, design/mvp/Binary.md).
  if (bytes.length >= 8 && bytes[6] === 1 && bytes[7] === 0) {
    const hint = 'build a module: for wasm32-unknown-unknown, not wasm32-wasip2, and without wasm-tools component new'
    reader.malformed('malformed:version', 'this is a WebAssembly component, not a module', 4, hint)
  }
  if (bytes.length < 8 || bytes[4] !== 1 || bytes[5] !== 0 || bytes[6] !== 0 || bytes[7] !== 0) {
    reader.malformed('malformed:version', 'the version of the binary format is not 1', 4)
  }
  reader.position = 8
}

/** Collects what the sections of a module say, one section after the other. */
export class SectionDecoder {
  private readonly reader: Reader
  private readonly options: DecodeOptions
  private readonly buffer = new InstructionBuffer()
  private readonly elementExpressions = new ElementExpressions()
  private lastId = 0
  private readonly types: FunctionType[] = []
  private readonly imports: Import[] = []
  private readonly functionTypes: number[] = []
  private readonly tables: TableType[] = []
  private readonly memories: MemoryType[] = []
  private readonly globalTypes: GlobalType[] = []
  private readonly globals: Global[] = []
  private readonly exports: Export[] = []
  private start: Module['start'] = null
  private readonly elements: ElementSegment[] = []
  private dataCount: number | null = null
  private readonly bodies: FunctionBody[] = []
  private readonly data: DataSegment[] = []
  private readonly customs: CustomSection[] = []

  constructor(reader: Reader, options: DecodeOptions) {
    this.reader = reader
    this.options = options
  }

  next(): void {
    const { reader } = this
    const offset = reader.position
    const id = reader.byte()
    const size = reader.u32()
    if (size > reader.end - reader.position) {
      reader.malformed('malformed:unexpected-end', `section ${id} goes past the end of the module`, offset)
    }
    const moduleEnd = reader.end
    reader.end = reader.position + size
    this.content(id, offset)
    reader.end = moduleEnd
  }

  /** Reads up to the reader's end, which must be the section's; `offset` is the one of its id. */
  content(id: number, offset: number): void {
    const { reader } = this
    if (id === 0) this.custom()
    else {
      const rank = SECTION_ORDER.indexOf(id)
      if (rank < 0) reader.malformed('malformed:section-id', `there is no section with id ${id}`, offset)
      if (rank <= SECTION_ORDER.indexOf(this.lastId)) {
        reader.malformed('malformed:section-order', `section ${id} comes twice or too late`, offset)
      }
      this.section(id, offset)
      this.lastId = id
    }
    if (!reader.atEnd) reader.malformed('malformed:section-size', `section ${id} has bytes left at its end`)
  }

  private section(id: number, offset: number): void {
    const { reader, options } = this
    const { limits } = options
    switch (id) {
      case 1:
        this.vector('types', limits.types, 0, () => this.types.push(decodeFunctionType(reader, options)))
        return
      case 2:
        this.vector('imports', limits.imports, 0, () => this.import())
        return
      case 3:
        this.vector('functions', limits.functions, this.functionTypes.length, () =>
          this.functionTypes.push(reader.u32()),
        )
        return
      case 4:
        this.vector('tables', limits.tables, this.tables.length, () => this.table())
        return
      case 5:
        this.vector(null, 0xffffffff, 0, () => this.memory())
        return
      case 6:
        this.vector('globals', limits.globals, this.globalTypes.length, () => this.global())
        return
      case 7:
        this.vector('exports', limits.exports, 0, () => this.export())
        return
      case 8:
        this.start = { functionIndex: reader.u32(), offset }
        return
      case 9:
        this.vector('elementSegments', limits.elementSegments, 0, () =>
          this.elements.push(decodeElementSegment(reader, this.codeContext(), this.buffer, this.elementExpressions)),
        )
        return
      case 10:
        this.code(offset)
        return
      case 11:
        this.vector('dataSegments', limits.dataSegments, 0, () =>
          this.data.push(decodeDataSegment(reader, this.codeContext(), this.buffer)),
        )
        return
      case 12:
        this.dataCount = reader.u32()
        return
      default:
        refuse('exceptions', 'the tag section', reader.at(offset))
    }
  }

  private vector(
    limit: Parameters<typeof checkLimit>[0] | null,
    allowed: number,
    before: number,
    item: (index: number) => unknown,
  ): void {
    const offset = this.reader.position
    const count = this.reader.u32()
    if (limit !== null) checkLimit(limit, before + count, allowed, this.reader.at(offset))
    for (let i = 0; i < count; i++) item(i)
  }

  private codeContext(): CodeContext {
    return { typeCount: this.types.length, hasDataCount: this.dataCount !== null, options: this.options }
  }

  private name(): string {
    const offset = this.reader.position
    const { text, byteLength } = this.reader.name()
    checkLimit('nameBytes', byteLength, this.options.limits.nameBytes, this.reader.at(offset))
    return text
  }

  private import(): void {
    const { reader } = this
    const offset = reader.position
    const module = this.name()
    const name = this.name()
    this.imports.push({ module, name, description: this.importDescription(), offset })
  }

  private importDescription(): ImportDescription {
    const { reader, options } = this
    const offset = reader.position
    const kind = reader.byte()
    switch (kind) {
      case 0: {
        const typeIndex = reader.u32()
        this.functionTypes.push(typeIndex)
        return { kind: 'function', typeIndex }
      }
      case 1: {
        const table = decodeTableType(reader)
        this.tables.push(table)
        checkLimit('tables', this.tables.length, options.limits.tables, reader.at(offset))
        return { kind: 'table', table }
      }
      case 2: {
        const memory = decodeMemoryType(reader)
        this.addMemory(memory, offset)
        return { kind: 'memory', memory }
      }
      case 3: {
        const global = decodeGlobalType(reader, options)
        this.globalTypes.push(global)
        checkLimit('globals', this.globalTypes.length, options.limits.globals, reader.at(offset))
        return { kind: 'global', global }
      }
      case 4:
        return refuse('exceptions', 'an imported tag', reader.at(offset))
      default:
        return reader.malformed('malformed:import-kind', `0x${kind.toString(16)} is not a kind of import`, offset)
    }
  }

  private table(): void {
    const { reader } = this
    if (reader.bytes[reader.position] === 0x40) refuse('gc', 'a table with an initial value', reader.at())
    this.tables.push(decodeTableType(reader))
  }

  private memory(): void {
    const offset = this.reader.position
    this.addMemory(decodeMemoryType(this.reader), offset)
  }

  private addMemory(memory: MemoryType, offset: number): void {
    if (this.memories.length > 0) refuse('multi-memory', 'the module', this.reader.at(offset))
    this.memories.push(memory)
  }

  private global(): void {
    const offset = this.reader.position
    this.globalTypes.push(decodeGlobalType(this.reader, this.options))
    this.globals.push({ init: decodeExpression(this.reader, this.codeContext(), this.buffer), offset })
  }

  private export(): void {
    const { reader } = this
    const offset = reader.position
    const name = this.name()
    this.exports.push({ name, kind: this.externalKind(), index: reader.u32(), offset })
  }

  private externalKind(): ExternalKind {
    const { reader } = this
    const offset = reader.position
    const code = reader.byte()
    if (code === 4) refuse('exceptions', 'an exported tag', reader.at(offset))
    const kind = EXTERNAL_KINDS[code]
    return kind ?? reader.malformed('malformed:export-kind', `0x${code.toString(16)} is not a kind of export`, offset)
  }

  private code(offset: number): void {
    const imported = this.importedOf('function')
    const declared = this.functionTypes.length - imported
    const count = this.reader.u32()
    if (count !== declared) this.functionCountMismatch(declared, count, offset)
    const context = this.codeContext()
    let locals = 0
    for (let i = 0; i < count; i++) {
      const body = decodeBody(this.reader, context, this.buffer, imported + i)
      locals += body.locals.length
      checkLimit('moduleLocals', locals, this.options.limits.moduleLocals, this.reader.at(body.offset))
      this.bodies.push(body)
    }
  }

  private custom(): void {
    const { reader } = this
    const offset = reader.position
    const { text } = reader.name()
    this.customs.push({ name: text, bytes: reader.take(reader.end - reader.position), after: this.lastId })
    checkLimit('customSections', this.customs.length, this.options.limits.customSections, reader.at(offset))
  }

  private importedOf(kind: ExternalKind): number {
    return this.imports.filter((entry) => entry.description.kind === kind).length
  }

  private functionCountMismatch(declared: number, bodies: number, offset: number): never {
    const problem = `the module declares ${declared} functions and has ${bodies} bodies`
    return this.reader.malformed('malformed:function-count', problem, offset)
  }

  finish(): Module {
    const { reader, dataCount } = this
    const declared = this.functionTypes.length - this.importedOf('function')
    if (declared !== this.bodies.length) this.functionCountMismatch(declared, this.bodies.length, reader.position)
    if (dataCount !== null && dataCount !== this.data.length) {
      const problem = `the data count is ${dataCount} and there are ${this.data.length} data segments`
      reader.malformed('malformed:data-count', problem)
    }
    return this.collected()
  }

  /** The parts that have been read so far, whether or not it fits together. */
  collected(): Module {
    return {
      bytes: this.reader.bytes,
      types: this.types,
      imports: this.imports,
      importedFunctions: this.importedOf('function'),
      importedTables: this.importedOf('table'),
      importedMemories: this.importedOf('memory'),
      importedGlobals: this.importedOf('global'),
      functionTypes: this.functionTypes,
      tables: this.tables,
      memories: this.memories,
      globalTypes: this.globalTypes,
      globals: this.globals,
      exports: this.exports,
      start: this.start,
      elements: this.elements,
      dataCount: this.dataCount,
      bodies: this.bodies,
      data: this.data,
      customs: this.customs,
    }
  }
}
