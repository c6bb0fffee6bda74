/** Lists of places and of stretches of code: where a variable is at an address, and what code an entry has. */
import type { Attribute, DebugEntries, DebugUnit, DebugWork } from './debugEntries.ts'
import { DwarfReader } from './dwarfReader.ts'
import { MAX_DEBUG_RANGES } from './limits.ts'

/** The expression of a variable at an address: its own, or that of a list; null of none. */
export function expressionAt(
  found: Attribute | undefined,
  unit: DebugUnit,
  address: number,
  entries: DebugEntries,
  work: DebugWork,
): Uint8Array | null {
  if (found?.kind === 'block') return found.value
  const at = listAt(found, unit.locationListBase, entries.sections.locationLists, '.debug_loclists')
  if (at === null) return null
  return unit.version >= 5
    ? inLocationList(at, unit, address, entries, work)
    : inLocations(at, unit, address, entries, work)
}

/** Where a list begins: at an offset, or at one of the table that its unit's base points to. */
function listAt(found: Attribute | undefined, base: number, lists: Uint8Array, section: string): number | null {
  if (found?.kind === 'offset') return found.value
  if (found?.kind !== 'listIndex') return null
  return base + new DwarfReader(lists, section, base + 4 * found.value).u32()
}

const BASE_SELECTION = 0xffffffff

function inLocations(at: number, unit: DebugUnit, address: number, { sections }: DebugEntries, work: DebugWork) {
  const reader = new DwarfReader(sections.locations, '.debug_loc', at)
  for (let base = unit.lowPc; ; ) {
    work.take(1)
    const [begin, end] = [reader.u32(), reader.u32()]
    if (begin === 0 && end === 0) return null
    if (begin === BASE_SELECTION) {
      base = end
      continue
    }
    const expression = reader.bytes(reader.u16())
    if (base + begin <= address && address < base + end) return expression
  }
}

const LIST = { end: 0, basex: 1, startxEndx: 2, startxLength: 3, offsets: 4, other: 5, base: 6, startEnd: 7, length: 8 }

/** DWARF 5, section 2.6.2. */
function inLocationList(at: number, unit: DebugUnit, address: number, entries: DebugEntries, work: DebugWork) {
  const reader = new DwarfReader(entries.sections.locationLists, '.debug_loclists', at)
  let otherwise: Uint8Array | null = null
  let base = unit.lowPc
  for (;;) {
    work.take(1)
    const kind = reader.u8()
    if (kind === LIST.end) return otherwise
    if (kind === LIST.basex || kind === LIST.base) {
      base = kind === LIST.base ? reader.u32() : entries.addressAt(unit, reader.unsigned())
      continue
    }
    if (kind === LIST.other) {
      otherwise = reader.bytes(reader.unsigned())
      continue
    }
    const { begin, end } = stretch(reader, kind, base, unit, entries)
    const expression = reader.bytes(reader.unsigned())
    if (begin <= address && address < end) return expression
  }
}

/** Of lists of locations; those of ranges have the same but for `other`, which moves the numbers above it down. */
function stretch(reader: DwarfReader, kind: number, base: number, unit: DebugUnit, entries: DebugEntries) {
  switch (kind) {
    case LIST.startxEndx: {
      const begin = entries.addressAt(unit, reader.unsigned())
      return { begin, end: entries.addressAt(unit, reader.unsigned()) }
    }
    case LIST.startxLength: {
      const begin = entries.addressAt(unit, reader.unsigned())
      return { begin, end: begin + reader.unsigned() }
    }
    case LIST.offsets: {
      const begin = base + reader.unsigned()
      return { begin, end: base + reader.unsigned() }
    }
    case LIST.startEnd: {
      const begin = reader.u32()
      return { begin, end: reader.u32() }
    }
    case LIST.length: {
      const begin = reader.u32()
      return { begin, end: begin + reader.unsigned() }
    }
    default:
      throw reader.wrong(`an entry of kind ${kind} is not read`)
  }
}

export interface AddressRange {
  readonly begin: number
  readonly end: number
}

/** Of an entry with code: by its two ends, or by a list; none where it has no code. */
export function rangesOf(
  attributes: {
    readonly low: Attribute | undefined
    readonly high: Attribute | undefined
    readonly list: Attribute | undefined
  },
  unit: DebugUnit,
  entries: DebugEntries,
  work: DebugWork,
): readonly AddressRange[] {
  const { low, high, list } = attributes
  if (list !== undefined) {
    const at = listAt(list, unit.rangeListBase, entries.sections.rangeLists, '.debug_rnglists')
    if (at === null) return []
    return unit.version >= 5 ? rangeList(at, unit, entries, work) : ranges(at, unit, entries, work)
  }
  const begin = entries.address(unit, low)
  if (begin === null) return []
  const end = high?.kind === 'constant' ? begin + Number(high.value) : entries.address(unit, high)
  return end === null ? [] : [{ begin, end }]
}

function ranges(at: number, unit: DebugUnit, { sections }: DebugEntries, work: DebugWork): AddressRange[] {
  const reader = new DwarfReader(sections.ranges, '.debug_ranges', at)
  const found: AddressRange[] = []
  for (let base = unit.lowPc; ; ) {
    work.take(1)
    const [begin, end] = [reader.u32(), reader.u32()]
    if (begin === 0 && end === 0) return found
    if (begin === BASE_SELECTION) base = end
    else add(found, { begin: base + begin, end: base + end }, reader)
  }
}

function rangeList(at: number, unit: DebugUnit, entries: DebugEntries, work: DebugWork): AddressRange[] {
  const reader = new DwarfReader(entries.sections.rangeLists, '.debug_rnglists', at)
  const found: AddressRange[] = []
  let base = unit.lowPc
  for (;;) {
    work.take(1)
    const kind = reader.u8()
    if (kind === LIST.end) return found
    if (kind === LIST.basex) base = entries.addressAt(unit, reader.unsigned())
    else if (kind === LIST.other) base = reader.u32()
    else add(found, stretch(reader, kind < LIST.other ? kind : kind + 1, base, unit, entries), reader)
  }
}

function add(found: AddressRange[], range: AddressRange, reader: DwarfReader): void {
  if (found.push(range) > MAX_DEBUG_RANGES) throw reader.wrong(`a list has more than ${MAX_DEBUG_RANGES} ranges`)
}
