/** Source lines of a module of any compiler that writes DWARF, from the same module as it was before it was stripped. */
import { lastUpTo } from '../lastUpTo.ts'
import type { LineTable } from '../lineTable.ts'
import type { SourcePlace } from '../sourceMap.ts'
import type { DebugSections } from './debugEntries.ts'
import type { StoppedMachine } from './debugLocations.ts'
import type { SourceVariable } from './debugValues.ts'
import { DwarfVariables } from './dwarfVariables.ts'
import { type LineRow, readLineTables } from './lineProgram.ts'
import { demangled } from './rustNames.ts'
import { CODE_SECTION, functionBoundsOf, functionNamesOf, sectionsOf, type WasmSection } from './wasmSections.ts'

export interface DwarfSources {
  /** How a file is called, from its path in the debug information. */
  nameOf(path: string): string
  /** Its text; null of a library, and where it is not what was compiled. `md5`, in hex, where the compiler tells. */
  textOf(path: string, md5: string | null): string | null
}

const NOTHING = new Uint8Array(0)

export class DwarfLines implements LineTable {
  readonly sources: readonly string[]
  readonly #rows: readonly LineRow[]
  /** Where the contents of the code section begin in the deployed module. */
  readonly #codeStart: number
  readonly #names: ReadonlyMap<string, { readonly path: string; readonly md5: string | null }>
  readonly #texts = new Map<string, string | null>()
  readonly #nameByPath = new Map<string, string>()
  readonly #functions: ReadonlyMap<number, string>
  readonly #sources: DwarfSources
  readonly #debug: DebugSections
  readonly #codeLength: number
  /** Read when they are first asked for; in words why there are none. */
  #variables: DwarfVariables | string | null = null

  /**
   * @param debug the module with debug information
   * @param deployed the same one without
   * @throws SyntaxError when it has none, is another build, or is damaged
   */
  constructor(debug: Uint8Array, deployed: Uint8Array, sources: DwarfSources) {
    const sections = sectionsOf(debug)
    const code = codeOf(sections)
    const ours = codeOf(sectionsOf(deployed))
    if (!sameBytes(debug.subarray(code.contents, code.end), deployed.subarray(ours.contents, ours.end)))
      throw new SyntaxError('it has other code than the module on the chain: it is another build')
    const contentsOf = (wanted: string) => {
      const found = sections.find(({ name }) => name === wanted)
      return found === undefined ? NOTHING : debug.subarray(found.contents, found.end)
    }
    const table = contentsOf('.debug_line')
    if (table.length === 0)
      throw new SyntaxError('it has no .debug_line: compile it with -g, or debug = "line-tables-only"')
    const texts = { strings: contentsOf('.debug_str'), lineStrings: contentsOf('.debug_line_str') }
    this.#sources = sources
    this.#rows = readLineTables(table, texts, functionBoundsOf(debug, code))
    this.#codeStart = ours.contents
    this.#functions = functionNamesOf(debug, sections)
    const names = new Map<string, { readonly path: string; readonly md5: string | null }>()
    for (const { place } of this.#rows) {
      if (place === null || this.#nameByPath.has(place.file.path)) continue
      const name = sources.nameOf(place.file.path)
      this.#nameByPath.set(place.file.path, name)
      if (!names.has(name)) names.set(name, place.file)
    }
    this.#names = names
    this.sources = [...names.keys()]
    this.#codeLength = code.end - code.contents
    this.#debug = {
      ...{ info: contentsOf('.debug_info'), abbrev: contentsOf('.debug_abbrev'), strings: texts.strings },
      ...{ lineStrings: texts.lineStrings, stringOffsets: contentsOf('.debug_str_offsets') },
      ...{ addresses: contentsOf('.debug_addr'), locations: contentsOf('.debug_loc') },
      ...{ locationLists: contentsOf('.debug_loclists'), ranges: contentsOf('.debug_ranges') },
      rangeLists: contentsOf('.debug_rnglists'),
    }
  }

  at(offset: number): SourcePlace | null {
    const address = offset - this.#codeStart
    const place = lastUpTo(this.#rows, address, (row) => row.address)?.place ?? null
    return place === null ? null : { file: this.#nameByPath.get(place.file.path)!, line: place.line }
  }

  textOf(file: string): string | null {
    const known = this.#texts.get(file)
    if (known !== undefined) return known
    const source = this.#names.get(file)
    const text = source === undefined ? null : this.#sources.textOf(source.path, source.md5)
    this.#texts.set(file, text)
    return text
  }

  /**
   * Variables and parameters in scope before the instruction at an offset, with values from the machine that is stopped
   * there. Where the information is damaged, one that says so.
   */
  variablesAt(offset: number, machine: StoppedMachine): readonly SourceVariable[] {
    const found = this.#ask((variables) => variables.at(offset - this.#codeStart, machine))
    return typeof found === 'string' ? [{ name: 'variables', type: '', value: `not known: ${found}` }] : found
  }

  /** Functions whose code the compiler put there instead of a call, the innermost first. */
  inlinedAt(offset: number): readonly string[] {
    const found = this.#ask((variables) => variables.inlinedAt(offset - this.#codeStart))
    return typeof found === 'string' ? [] : found
  }

  /** In words why it cannot be answered. */
  #ask<T>(question: (variables: DwarfVariables) => T): T | string {
    try {
      if (typeof this.#variables === 'string') return this.#variables
      this.#variables ??= new DwarfVariables(this.#debug, this.#codeLength)
      return question(this.#variables)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      // Sections that are damaged as a whole are not read again.
      this.#variables ??= error.message
      return error.message
    }
  }

  /** As the author wrote it; the deployed module has none. Null where the unstripped one has none. */
  functionName(index: number): string | null {
    const name = this.#functions.get(index)
    return name === undefined ? null : demangled(name)
  }
}

function codeOf(sections: readonly WasmSection[]): WasmSection {
  const code = sections.find(({ id }) => id === CODE_SECTION)
  if (code === undefined) throw new SyntaxError('the module has no code')
  return code
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i])
}
