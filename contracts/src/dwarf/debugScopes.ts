/** Functions of a module by their addresses, and the variables that are in scope at an instruction. */
import { lastUpTo } from '../lastUpTo.ts'
import {
  AT,
  type Attribute,
  type DebugEntries,
  type DebugEntry,
  type DebugUnit,
  type DebugWork,
  TAG,
} from './debugEntries.ts'
import { type AddressRange, rangesOf } from './debugLists.ts'
import { MAX_DEBUG_FUNCTIONS } from './limits.ts'
import { demangled } from './rustNames.ts'

/** From one entry to the one it is an instance of, and so on. */
const MOST_ORIGINS = 8

interface FunctionRange extends AddressRange {
  readonly unit: DebugUnit
  /** Of its entry. */
  readonly offset: number
}

export interface Scope {
  /** As the author wrote it; null where it has none. */
  readonly name: string | null
  /** Of the last, the function itself, it says where the frame is. */
  readonly entry: DebugEntry
  /** Variables and parameters, the innermost block first. */
  readonly variables: readonly DebugEntry[]
}

export class DebugScopes {
  readonly #entries: DebugEntries
  /** By where they begin. */
  readonly #functions: readonly FunctionRange[]

  /** `codeLength`: linkers give code that they left out addresses beyond, or 0. @throws SyntaxError */
  constructor(entries: DebugEntries, codeLength: number, work: DebugWork) {
    this.#entries = entries
    const functions: FunctionRange[] = []
    for (const unit of entries.units) {
      if (unit.entries >= unit.end) continue
      const root = entries.entry(unit, unit.entries, work)
      for (const { entry } of entries.children(root, work, () => true)) {
        if (entry.tag !== TAG.subprogram) continue
        for (const { begin, end } of this.#ranges(entry, work)) {
          if (begin <= 0 || begin >= codeLength || end <= begin) continue
          if (functions.push({ begin, end, unit, offset: entry.offset }) > MAX_DEBUG_FUNCTIONS)
            throw new SyntaxError(`.debug_info has more than ${MAX_DEBUG_FUNCTIONS} functions`)
        }
      }
    }
    this.#functions = functions.sort((a, b) => a.begin - b.begin)
  }

  /** Of the functions that the instruction is in, the innermost first: what was inlined, and the function itself. */
  at(address: number, work: DebugWork): readonly Scope[] {
    const found = this.#functionAt(address)
    if (found === null) return []
    const outermost = this.#entries.entry(found.unit, found.offset, work)
    const isHere = (entry: DebugEntry) =>
      this.#ranges(entry, work).some(({ begin, end }) => begin <= address && address < end)
    const scopes: { readonly entry: DebugEntry; readonly depth: number; readonly blocks: DebugEntry[][] }[] = []
    const begin = (entry: DebugEntry, depth: number) => {
      const block: DebugEntry[] = []
      const scope = { entry, depth, blocks: [block] }
      scopes.push(scope)
      return { depth, scope, block }
    }
    const open = [begin(outermost, 0)]
    let isOpened = false
    for (const { entry, depth } of this.#entries.children(outermost, work, () => isOpened)) {
      while (open.at(-1)!.depth >= depth) open.pop()
      const { scope, block } = open.at(-1)!
      const { tag } = entry
      isOpened =
        tag === TAG.inlinedSubroutine ? isHere(entry) : tag === TAG.lexicalBlock && (!hasRanges(entry) || isHere(entry))
      if (tag === TAG.formalParameter || tag === TAG.variable) block.push(entry)
      else if (isOpened && tag === TAG.inlinedSubroutine) open.push(begin(entry, depth))
      else if (isOpened) {
        const inner: DebugEntry[] = []
        scope.blocks.push(inner)
        open.push({ depth, scope, block: inner })
      }
    }
    return scopes
      .sort((a, b) => b.depth - a.depth)
      .map(({ entry, blocks }) => {
        const variables = blocks.reverse().flat()
        return {
          name: this.nameOf(entry, work),
          entry,
          variables: [...variables, ...this.#leftOut(entry, variables, work)],
        }
      })
  }

  /** Of what was inlined the variables that the compiler kept nothing of: others of their names are not they. */
  #leftOut(entry: DebugEntry, variables: readonly DebugEntry[], work: DebugWork): DebugEntry[] {
    const origin = entry.attributes.get(AT.abstractOrigin)
    const whole = origin?.kind === 'reference' ? this.#entries.entryAt(origin.value, work) : null
    if (whole === null) return []
    const kept = new Set(variables.map(({ attributes }) => attributes.get(AT.abstractOrigin)?.value))
    return [...this.#entries.children(whole, work)]
      .map((child) => child.entry)
      .filter(({ tag, offset }) => (tag === TAG.formalParameter || tag === TAG.variable) && !kept.has(offset))
  }

  /** Of the entry itself, or of what it is an instance of. */
  attribute(
    entry: DebugEntry,
    name: number,
    work: DebugWork,
  ): { readonly of: DebugEntry; readonly value: Attribute } | null {
    let of: DebugEntry | null = entry
    for (let left = MOST_ORIGINS; of !== null && left > 0; left--) {
      const value = of.attributes.get(name)
      if (value !== undefined) return { of, value }
      const origin: Attribute | undefined = of.attributes.get(AT.abstractOrigin) ?? of.attributes.get(AT.specification)
      of = origin?.kind === 'reference' ? this.#entries.entryAt(origin.value, work) : null
    }
    return null
  }

  nameOf(entry: DebugEntry, work: DebugWork): string | null {
    const linkage = this.#text(entry, AT.linkageName, work)
    const plain = linkage === null ? null : demangled(linkage)
    return plain !== null && plain !== linkage ? plain : this.#text(entry, AT.name, work)
  }

  #text(entry: DebugEntry, name: number, work: DebugWork): string | null {
    const found = this.attribute(entry, name, work)
    return found === null ? null : this.#entries.text(found.of.unit, found.value, work)
  }

  #ranges({ attributes, unit }: DebugEntry, work: DebugWork): readonly AddressRange[] {
    const [low, high, list] = [AT.lowPc, AT.highPc, AT.ranges].map((name) => attributes.get(name))
    return rangesOf({ low, high, list }, unit, this.#entries, work)
  }

  #functionAt(address: number): FunctionRange | null {
    const found = lastUpTo(this.#functions, address, ({ begin }) => begin)
    return found !== undefined && address < found.end ? found : null
  }
}

function hasRanges({ attributes }: DebugEntry): boolean {
  return attributes.has(AT.lowPc) || attributes.has(AT.ranges)
}
