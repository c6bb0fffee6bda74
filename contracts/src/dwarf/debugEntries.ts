/**
 * Entries of `.debug_info` (DWARF 5, section 7.5, and version 4): which there are, and their attributes. The file may be
 * anybody's: whatever it makes the reader do is counted, and bounded.
 */
import { lastUpTo } from '../lastUpTo.ts'
import { DwarfReader } from './dwarfReader.ts'
import {
  MAX_ABBREVIATION_ATTRIBUTES,
  MAX_DEBUG_DEPTH,
  MAX_DEBUG_UNITS,
  MAX_INLINE_BYTES,
  MAX_NAME_BYTES,
} from './limits.ts'

/** The sections by their names, empty where there is none. */
export interface DebugSections {
  readonly info: Uint8Array
  readonly abbrev: Uint8Array
  readonly strings: Uint8Array
  readonly lineStrings: Uint8Array
  readonly stringOffsets: Uint8Array
  readonly addresses: Uint8Array
  /** `.debug_loc` of version 4, and `.debug_loclists` of version 5. */
  readonly locations: Uint8Array
  readonly locationLists: Uint8Array
  /** `.debug_ranges` and `.debug_rnglists`. */
  readonly ranges: Uint8Array
  readonly rangeLists: Uint8Array
}

export const TAG = {
  ...{ arrayType: 0x01, classType: 0x02, enumerationType: 0x04, formalParameter: 0x05, lexicalBlock: 0x0b },
  ...{ member: 0x0d, pointerType: 0x0f, referenceType: 0x10, compileUnit: 0x11, structureType: 0x13 },
  ...{ typedef: 0x16, unionType: 0x17, variant: 0x19, inheritance: 0x1c, inlinedSubroutine: 0x1d },
  ...{ subrangeType: 0x21, baseType: 0x24, constType: 0x26, enumerator: 0x28, subprogram: 0x2e, variantPart: 0x33 },
  ...{ variable: 0x34, volatileType: 0x35, restrictType: 0x37, rvalueReferenceType: 0x42, atomicType: 0x47 },
} as const

export const AT = {
  ...{ location: 0x02, name: 0x03, byteSize: 0x0b, lowPc: 0x11, highPc: 0x12, discr: 0x15, discrValue: 0x16 },
  ...{ constValue: 0x1c, upperBound: 0x2f, abstractOrigin: 0x31, count: 0x37, dataMemberLocation: 0x38 },
  ...{ declaration: 0x3c, encoding: 0x3e, frameBase: 0x40, specification: 0x47, type: 0x49, ranges: 0x55 },
  ...{ bitSize: 0x0d, dataBitOffset: 0x6b, linkageName: 0x6e, strOffsetsBase: 0x72, addrBase: 0x73 },
  ...{ rnglistsBase: 0x74, loclistsBase: 0x8c },
} as const

/** DWARF 5, section 7.5.6. */
const FORM = {
  ...{ addr: 0x01, block2: 0x03, block4: 0x04, data2: 0x05, data4: 0x06, data8: 0x07 },
  ...{ string: 0x08, block: 0x09, block1: 0x0a, data1: 0x0b, flag: 0x0c, sdata: 0x0d },
  ...{ strp: 0x0e, udata: 0x0f, refAddr: 0x10, ref1: 0x11, ref2: 0x12, ref4: 0x13 },
  ...{ refUdata: 0x15, secOffset: 0x17, exprloc: 0x18, flagPresent: 0x19, strx: 0x1a, addrx: 0x1b },
  ...{ data16: 0x1e, lineStrp: 0x1f, refSig8: 0x20, implicitConst: 0x21, loclistx: 0x22, rnglistx: 0x23 },
  ...{ strx1: 0x25, strx2: 0x26, strx3: 0x27, strx4: 0x28, addrx1: 0x29, addrx2: 0x2a },
  ...{ addrx3: 0x2b, addrx4: 0x2c },
} as const

export type Attribute =
  | { readonly kind: 'address' | 'addressIndex' | 'offset' | 'listIndex' | 'reference'; readonly value: number }
  | { readonly kind: 'constant'; readonly value: bigint }
  /** Where in which section it is, or its number in the table of texts. */
  | { readonly kind: 'text' | 'lineText' | 'inlineText' | 'textIndex'; readonly value: number }
  | { readonly kind: 'block'; readonly value: Uint8Array }

/** Of each attribute its name, form, and for an implicit constant the value. */
interface Abbreviation {
  readonly tag: number
  readonly hasChildren: boolean
  readonly attributes: readonly (readonly [name: number, form: number, implicit: bigint])[]
}

export interface DebugUnit {
  readonly start: number
  /** Of its first entry. */
  readonly entries: number
  readonly end: number
  readonly version: number
  readonly abbreviations: ReadonlyMap<number, Abbreviation>
  /** Where addresses of its lists count from, and its parts of other sections. */
  lowPc: number
  stringOffsets: number
  addressBase: number
  rangeListBase: number
  locationListBase: number
}

export interface DebugEntry {
  readonly unit: DebugUnit
  readonly offset: number
  /** 0 of the null entry that ends a list of children. */
  readonly tag: number
  readonly hasChildren: boolean
  readonly attributes: ReadonlyMap<number, Attribute>
  /** Where the next entry begins: its first child, where it has children. */
  readonly next: number
}

/** More than is read, of what may be in order. */
export class TooMuchWork extends SyntaxError {}

/** Bytes of an entry, or of a name, that cost as much to read as an attribute: any number of entries have the same name. */
const BYTES_OF_STEP = 32

/** How much may still be read. */
export class DebugWork {
  #left: number
  readonly #most: number

  constructor(most: number) {
    this.#most = most
    this.#left = most
  }

  /** @throws SyntaxError when it is too much */
  take(count: number): void {
    this.#left -= count
    if (this.#left < 0) throw new TooMuchWork(`.debug_info takes more than ${this.#most} steps to read`)
  }

  /** Of a long entry or name. @throws SyntaxError when it is too much */
  takeBytes(count: number): void {
    this.take(Math.floor(count / BYTES_OF_STEP))
  }
}

const utf8 = new TextDecoder()
const NO_ATTRIBUTES: ReadonlyMap<number, Attribute> = new Map()
/** Escapes to the 64-bit format. */
const DWARF_64 = 0xfffffff0
const ADDRESS_BYTES = 4
const UNIT_TYPE = { compile: 1, partial: 3 }
/** A header of version 5's tables, which bases of units point behind. */
const TABLE_HEADER = 8
const LIST_HEADER = 12

export class DebugEntries {
  readonly sections: DebugSections
  readonly units: readonly DebugUnit[]
  readonly #tables = new Map<number, ReadonlyMap<number, Abbreviation>>()
  #abbreviationAttributes = 0

  /** @throws SyntaxError when it is damaged, or too large */
  constructor(sections: DebugSections, work: DebugWork) {
    this.sections = sections
    const units: DebugUnit[] = []
    for (let at = 0; at < sections.info.length; ) {
      const reader = new DwarfReader(sections.info, '.debug_info', at)
      const length = reader.u32()
      if (length >= DWARF_64) throw reader.wrong('the 64-bit format is not read')
      const end = reader.position + length
      if (end > sections.info.length) throw reader.wrong('a unit ends behind it')
      const unit = this.#unit(reader, at, end, work)
      if (unit !== null && units.push(unit) > MAX_DEBUG_UNITS)
        throw reader.wrong(`it has more than ${MAX_DEBUG_UNITS} units`)
      at = end
    }
    this.units = units
  }

  /** Null of what is not read: other versions, and units of types alone. */
  #unit(reader: DwarfReader, start: number, end: number, work: DebugWork): DebugUnit | null {
    work.take(1)
    const version = reader.u16()
    if (version < 4 || version > 5) return null
    const type = version === 5 ? reader.u8() : UNIT_TYPE.compile
    if (type !== UNIT_TYPE.compile && type !== UNIT_TYPE.partial) return null
    const early = version === 5 ? reader.u8() : 0
    const table = reader.u32()
    if ((version === 5 ? early : reader.u8()) !== ADDRESS_BYTES)
      throw reader.wrong('addresses of WebAssembly have 4 bytes')
    const unit: DebugUnit = {
      ...{ start, entries: reader.position, end, version, abbreviations: this.#abbreviations(table, work), lowPc: 0 },
      ...{ stringOffsets: TABLE_HEADER, addressBase: TABLE_HEADER },
      ...{ rangeListBase: LIST_HEADER, locationListBase: LIST_HEADER },
    }
    if (unit.entries >= end) return unit
    const { attributes } = this.entry(unit, unit.entries, work)
    const offset = (name: number, otherwise: number) => {
      const found = attributes.get(name)
      return found?.kind === 'offset' ? found.value : otherwise
    }
    unit.stringOffsets = offset(AT.strOffsetsBase, unit.stringOffsets)
    unit.addressBase = offset(AT.addrBase, unit.addressBase)
    unit.rangeListBase = offset(AT.rnglistsBase, unit.rangeListBase)
    unit.locationListBase = offset(AT.loclistsBase, unit.locationListBase)
    unit.lowPc = this.address(unit, attributes.get(AT.lowPc)) ?? 0
    return unit
  }

  #abbreviations(at: number, work: DebugWork): ReadonlyMap<number, Abbreviation> {
    const known = this.#tables.get(at)
    if (known !== undefined) return known
    const reader = new DwarfReader(this.sections.abbrev, '.debug_abbrev', at)
    const table = new Map<number, Abbreviation>()
    for (;;) {
      work.take(1)
      const code = reader.unsigned()
      if (code === 0) break
      const tag = reader.unsigned()
      const hasChildren = reader.u8() !== 0
      const attributes: [number, number, bigint][] = []
      for (;;) {
        const [name, form] = [reader.unsigned(), reader.unsigned()]
        if (++this.#abbreviationAttributes > MAX_ABBREVIATION_ATTRIBUTES)
          throw reader.wrong(`there are more than ${MAX_ABBREVIATION_ATTRIBUTES} attributes`)
        if (name === 0 && form === 0) break
        attributes.push([name, form, form === FORM.implicitConst ? reader.signedBig() : 0n])
      }
      table.set(code, { tag, hasChildren, attributes })
    }
    this.#tables.set(at, table)
    return table
  }

  /** @throws SyntaxError when there is none, or the work is too much */
  entry(unit: DebugUnit, offset: number, work: DebugWork): DebugEntry {
    const reader = new DwarfReader(this.sections.info, '.debug_info', offset, unit.end)
    const code = reader.unsigned()
    if (code === 0) {
      work.take(1)
      return { unit, offset, tag: 0, hasChildren: false, attributes: NO_ATTRIBUTES, next: reader.position }
    }
    const abbreviation = unit.abbreviations.get(code)
    if (abbreviation === undefined) throw reader.wrong(`there is no abbreviation ${code}`)
    const { tag, hasChildren } = abbreviation
    work.take(1 + abbreviation.attributes.length)
    const attributes = new Map<number, Attribute>()
    for (const [name, form, implicit] of abbreviation.attributes)
      attributes.set(name, form === FORM.implicitConst ? constant(implicit) : attributeIn(reader, form, unit))
    work.takeBytes(reader.position - offset)
    return { unit, offset, tag, hasChildren, attributes, next: reader.position }
  }

  /** At an offset in the section, of whichever unit; null where none is. */
  entryAt(offset: number, work: DebugWork): DebugEntry | null {
    const unit = lastUpTo(this.units, offset, ({ start }) => start)
    return unit === undefined || offset < unit.entries || offset >= unit.end ? null : this.entry(unit, offset, work)
  }

  /** The children of an entry; `inside` says of which their own are told too, right behind them. */
  *children(parent: DebugEntry, work: DebugWork, inside: (child: DebugEntry) => boolean = () => false) {
    if (!parent.hasChildren) return
    /** For each list that is open whether its entries are told. */
    const told = [true]
    for (let at = parent.next; told.length > 0; ) {
      // A unit may leave out the null entries at its end.
      if (at >= parent.unit.end) return
      const child = this.entry(parent.unit, at, work)
      at = child.next
      if (child.tag === 0) {
        told.pop()
        continue
      }
      const isTold = told.at(-1)!
      if (isTold) yield { entry: child, depth: told.length }
      if (!child.hasChildren) continue
      if (told.push(isTold && inside(child)) > MAX_DEBUG_DEPTH)
        throw new SyntaxError(`.debug_info has entries inside each other ${MAX_DEBUG_DEPTH} times`)
    }
  }

  address(unit: DebugUnit, found: Attribute | undefined): number | null {
    if (found?.kind === 'address') return found.value
    return found?.kind === 'addressIndex' ? this.addressAt(unit, found.value) : null
  }

  addressAt(unit: DebugUnit, index: number): number {
    return new DwarfReader(this.sections.addresses, '.debug_addr', unit.addressBase + index * ADDRESS_BYTES).u32()
  }

  /** @throws SyntaxError when it is damaged, or the work is too much */
  text(unit: DebugUnit, found: Attribute | undefined, work: DebugWork): string | null {
    const text = this.#text(unit, found)
    work.takeBytes(text?.length ?? 0)
    return text
  }

  #text(unit: DebugUnit, found: Attribute | undefined): string | null {
    const { info, strings, lineStrings, stringOffsets } = this.sections
    switch (found?.kind) {
      case 'text':
        return nameIn(strings, '.debug_str', found.value)
      case 'lineText':
        return nameIn(lineStrings, '.debug_line_str', found.value)
      case 'inlineText':
        return nameIn(info, '.debug_info', found.value)
      case 'textIndex': {
        const at = unit.stringOffsets + found.value * 4
        return nameIn(strings, '.debug_str', new DwarfReader(stringOffsets, '.debug_str_offsets', at).u32())
      }
      default:
        return null
    }
  }
}

function nameIn(bytes: Uint8Array, section: string, at: number): string {
  if (at >= bytes.length) throw new SyntaxError(`${section} is damaged: no text is at ${at}`)
  const text = bytes.subarray(at, at + MAX_NAME_BYTES)
  const end = text.indexOf(0)
  return utf8.decode(end < 0 ? text : text.subarray(0, end))
}

function constant(value: bigint): Attribute {
  return { kind: 'constant', value }
}

function attributeIn(reader: DwarfReader, form: number, { start }: DebugUnit): Attribute {
  const reference = (value: number): Attribute => ({ kind: 'reference', value: start + value })
  switch (form) {
    case FORM.addr:
      return { kind: 'address', value: reader.u32() }
    case FORM.block2:
      return block(reader, reader.u16())
    case FORM.block4:
      return block(reader, reader.u32())
    case FORM.data2:
      return constant(BigInt(reader.u16()))
    case FORM.data4:
      return constant(BigInt(reader.u32()))
    case FORM.data8:
      return constant(reader.u64())
    case FORM.string: {
      const at = reader.position
      reader.skipName(MAX_INLINE_BYTES)
      return { kind: 'inlineText', value: at }
    }
    case FORM.block:
    case FORM.exprloc:
      return block(reader, reader.unsigned())
    case FORM.block1:
      return block(reader, reader.u8())
    case FORM.data1:
    case FORM.flag:
      return constant(BigInt(reader.u8()))
    case FORM.sdata:
      return constant(reader.signedBig())
    case FORM.strp:
      return { kind: 'text', value: reader.u32() }
    case FORM.udata:
      return constant(reader.unsignedBig())
    case FORM.refAddr:
      return { kind: 'reference', value: reader.u32() }
    case FORM.ref1:
      return reference(reader.u8())
    case FORM.ref2:
      return reference(reader.u16())
    case FORM.ref4:
      return reference(reader.u32())
    case FORM.refUdata:
      return reference(reader.unsigned())
    case FORM.secOffset:
      return { kind: 'offset', value: reader.u32() }
    case FORM.flagPresent:
      return constant(1n)
    case FORM.strx:
      return { kind: 'textIndex', value: reader.unsigned() }
    case FORM.addrx:
      return { kind: 'addressIndex', value: reader.unsigned() }
    case FORM.data16:
      return block(reader, 16)
    case FORM.lineStrp:
      return { kind: 'lineText', value: reader.u32() }
    case FORM.refSig8:
      // The signature of a type in a section of its own, which linkers for WebAssembly do not make.
      return block(reader, 8)
    case FORM.loclistx:
    case FORM.rnglistx:
      return { kind: 'listIndex', value: reader.unsigned() }
    case FORM.strx1:
    case FORM.strx2:
    case FORM.strx3:
    case FORM.strx4:
      return { kind: 'textIndex', value: reader.uint(form - FORM.strx1 + 1) }
    case FORM.addrx1:
    case FORM.addrx2:
    case FORM.addrx3:
    case FORM.addrx4:
      return { kind: 'addressIndex', value: reader.uint(form - FORM.addrx1 + 1) }
    default:
      throw reader.wrong(`form 0x${form.toString(16)} is not read`)
  }
}

function block(reader: DwarfReader, length: number): Attribute {
  return { kind: 'block', value: reader.bytes(length) }
}
