/**
 * The line tables of a module (DWARF 5, section 6.2, and versions 2 to 4; WebAssembly/tool-conventions, "DWARF for
 * WebAssembly"): addresses are byte offsets in the contents of the code section.
 */
import { DwarfReader, type DwarfTexts, PathBudget } from './dwarfReader.ts'
import { MAX_LINE_ENTRIES, MAX_LINE_ROWS } from './limits.ts'

/** A file of a line table: its path, below the folder of the compilation where it is relative. */
export interface DwarfFile {
  readonly path: string
  /** Of the text that was compiled, in hex; null where the compiler does not tell. */
  readonly md5: string | null
}

/** From an address to that of the next row: a line, from 1; null of what belongs to none. */
export interface LineRow {
  readonly address: number
  readonly place: { readonly file: DwarfFile; readonly line: number } | null
}

/** The texts that tables name, and how much of them may still come. */
interface Named extends DwarfTexts {
  readonly paths: PathBudget
}

const OPCODE = {
  ...{ copy: 1, advancePc: 2, advanceLine: 3, setFile: 4, setColumn: 5, negate: 6, setBlock: 7, constAddPc: 8 },
  ...{ fixedAdvancePc: 9, prologueEnd: 10, epilogueBegin: 11, setIsa: 12 },
}
const EXTENDED = { endSequence: 1, setAddress: 2, defineFile: 3 }
const CONTENT = { path: 1, folder: 2, md5: 5 }
const MD5_BYTES = 16
/** Escapes to the 64-bit format. */
const DWARF_64 = 0xfffffff0

/** Of the functions in the code section, as addresses. */
export interface FunctionBounds {
  /** Where each begins, by where it ends. */
  readonly startByEnd: ReadonlyMap<number, number>
  /** Length of the code section's contents: linkers give code that they left out addresses beyond, or 0. */
  readonly length: number
}

/**
 * Compilers for WebAssembly put each function into a section, and so into a sequence of its own: one that does not end with
 * a function is of other code, which a tool has changed since.
 *
 * @returns rows by their addresses
 * @throws SyntaxError when the section is damaged, or in a format that is not read
 */
export function readLineTables(section: Uint8Array, texts: DwarfTexts, bounds: FunctionBounds): readonly LineRow[] {
  const reader = new DwarfReader(section, '.debug_line')
  const rows: LineRow[] = []
  const named = { ...texts, paths: new PathBudget() }
  while (!reader.isAtEnd) {
    const length = reader.u32()
    if (length >= DWARF_64) throw reader.wrong('the 64-bit format is not read')
    readUnit(reader.part(length), named, bounds, rows)
  }
  // Sequences come as functions do in their files. Where one ends and another begins, the beginning counts.
  return rows
    .map((row, order) => ({ row, order }))
    .sort((a, b) => a.row.address - b.row.address || rank(a.row) - rank(b.row) || a.order - b.order)
    .map(({ row }) => row)
}

function rank({ place }: LineRow): number {
  return place === null ? 0 : 1
}

interface Header {
  readonly leastInstruction: number
  readonly lineBase: number
  readonly lineRange: number
  readonly opcodeBase: number
  readonly operands: readonly number[]
  readonly files: readonly DwarfFile[]
  /** Number of the first file. */
  readonly firstFile: number
}

function readUnit(unit: DwarfReader, named: Named, bounds: FunctionBounds, rows: LineRow[]): void {
  const version = unit.u16()
  if (version < 2 || version > 5) throw unit.wrong(`version ${version} is not read`)
  if (version >= 5) {
    const [addressBytes, segmentBytes] = [unit.u8(), unit.u8()]
    if (addressBytes !== 4 || segmentBytes !== 0) throw unit.wrong('addresses of WebAssembly have 4 bytes')
  }
  const header = unit.part(unit.u32())
  runProgram(unit, readHeader(header, version, named), bounds, rows)
}

function readHeader(reader: DwarfReader, version: number, named: Named): Header {
  const leastInstruction = reader.u8()
  if (version >= 4) reader.u8()
  reader.u8()
  const lineBase = reader.i8()
  const lineRange = reader.u8()
  const opcodeBase = reader.u8()
  if (lineRange === 0 || opcodeBase === 0) throw reader.wrong('its line range or opcode base is 0')
  const operands = Array.from({ length: opcodeBase - 1 }, () => reader.u8())
  const common = { leastInstruction, lineBase, lineRange, opcodeBase, operands }
  if (version < 5) return { ...common, files: filesBefore5(reader, named), firstFile: 1 }
  // The first is that of the compilation, which paths stay relative to.
  const folders = readEntries(reader, named).map(({ path }, i) => (i === 0 ? '' : path))
  const files = readEntries(reader, named).map(({ path, folder, md5 }) => ({
    path: named.paths.taken(joined(folders[folder], path), reader),
    md5,
  }))
  return { ...common, files, firstFile: 0 }
}

function filesBefore5(reader: DwarfReader, { paths }: Named): DwarfFile[] {
  const folders = ['']
  for (let text = reader.text(); text !== ''; text = reader.text()) {
    if (folders.push(text) > MAX_LINE_ENTRIES) throw reader.wrong(`it has more than ${MAX_LINE_ENTRIES} folders`)
  }
  const files: DwarfFile[] = []
  for (let text = reader.text(); text !== ''; text = reader.text()) {
    const path = paths.taken(joined(folders[reader.unsigned()], text), reader)
    reader.unsigned()
    reader.unsigned()
    if (files.push({ path, md5: null }) > MAX_LINE_ENTRIES)
      throw reader.wrong(`it has more than ${MAX_LINE_ENTRIES} files`)
  }
  return files
}

interface Entry {
  readonly path: string
  readonly folder: number
  readonly md5: string | null
}

function readEntries(reader: DwarfReader, named: Named): Entry[] {
  const format = Array.from({ length: reader.u8() }, () => [reader.unsigned(), reader.unsigned()] as const)
  const count = reader.unsigned()
  // Entries without fields take no bytes: nothing else would bound how many there are.
  if (count > MAX_LINE_ENTRIES || (format.length === 0 && count > 0)) throw reader.wrong(`it has ${count} entries`)
  return Array.from({ length: count }, () => {
    let entry: Entry = { path: '', folder: 0, md5: null }
    for (const [content, form] of format) {
      const value = readForm(reader, form, named)
      if (content === CONTENT.path && typeof value === 'string') entry = { ...entry, path: value }
      if (content === CONTENT.folder && typeof value === 'number') entry = { ...entry, folder: value }
      if (content === CONTENT.md5 && value instanceof Uint8Array && value.length === MD5_BYTES)
        entry = { ...entry, md5: hexOf(value) }
    }
    return entry
  })
}

/** DWARF 5, section 7.5.6; those that fields of line tables may have. */
function readForm(reader: DwarfReader, form: number, { strings, lineStrings, paths }: Named) {
  switch (form) {
    case 0x08:
      return reader.text()
    case 0x0e:
      return paths.taken(new DwarfReader(strings, '.debug_str', reader.u32()).text(), reader)
    case 0x1f:
      return paths.taken(new DwarfReader(lineStrings, '.debug_line_str', reader.u32()).text(), reader)
    case 0x0b:
      return reader.u8()
    case 0x05:
      return reader.u16()
    case 0x06:
      return reader.u32()
    case 0x07:
      return reader.bytes(8)
    case 0x0f:
      return reader.unsigned()
    case 0x1e:
      return reader.bytes(16)
    case 0x09:
      return reader.bytes(reader.unsigned())
    default:
      throw reader.wrong(`form 0x${form.toString(16)} is not read`)
  }
}

function runProgram(reader: DwarfReader, header: Header, bounds: FunctionBounds, rows: LineRow[]): void {
  const { leastInstruction, lineBase, lineRange, opcodeBase, operands, files, firstFile } = header
  let address = 0
  let file = 1
  let line = 1
  let isLive = false
  let first = 0
  const check = () => {
    if ((bounds.startByEnd.get(address) ?? Number.POSITIVE_INFINITY) <= first) return
    throw new SyntaxError(
      'its lines are of other code than it has: a tool changed the code and not the lines (clang runs wasm-opt where it finds it)',
    )
  }
  const add = (isEnd: boolean) => {
    if (!isLive) return
    if (rows.length >= MAX_LINE_ROWS) throw reader.wrong(`there are more than ${MAX_LINE_ROWS} rows`)
    const found = files[file - firstFile]
    rows.push({ address, place: isEnd || found === undefined || line <= 0 ? null : { file: found, line } })
  }
  const reset = () => {
    address = 0
    file = 1
    line = 1
    isLive = false
  }
  while (!reader.isAtEnd) {
    const opcode = reader.u8()
    if (opcode >= opcodeBase) {
      const step = opcode - opcodeBase
      address += Math.floor(step / lineRange) * leastInstruction
      line += lineBase + (step % lineRange)
      add(false)
      continue
    }
    switch (opcode) {
      case 0: {
        const part = reader.part(reader.unsigned())
        const extended = part.isAtEnd ? null : part.u8()
        if (extended === EXTENDED.setAddress) {
          address = part.u32()
          if (!isLive) first = address
          isLive = address > 0 && address < bounds.length
        } else if (extended === EXTENDED.endSequence) {
          if (isLive) check()
          add(true)
          reset()
        } else if (extended === EXTENDED.defineFile) throw part.wrong('a file is defined in the program')
        break
      }
      case OPCODE.copy:
        add(false)
        break
      case OPCODE.advancePc:
        address += reader.unsigned() * leastInstruction
        break
      case OPCODE.advanceLine:
        line += reader.signed()
        break
      case OPCODE.setFile:
        file = reader.unsigned()
        break
      case OPCODE.constAddPc:
        address += Math.floor((255 - opcodeBase) / lineRange) * leastInstruction
        break
      case OPCODE.fixedAdvancePc:
        address += reader.u16()
        break
      default:
        // The header says how many operands the others have.
        for (let count = operands[opcode - 1]!; count > 0; count--) reader.unsigned()
    }
  }
}

function joined(folder: string | undefined, path: string): string {
  if (folder === undefined || folder === '' || folder === '.' || path.startsWith('/')) return path
  return `${folder.replace(/\/$/, '')}/${path}`
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
