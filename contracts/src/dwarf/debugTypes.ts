/** Types of variables, as far as values are shown by them: their names, sizes and parts (DWARF 5, chapter 5). */
import { AT, type DebugEntries, type DebugEntry, type DebugWork, TAG } from './debugEntries.ts'
import { MAX_MEMBERS } from './limits.ts'

/** From one type to the one that it is another name of. */
const MOST_HOPS = 32

/** Names of the same type, which change nothing of its values. */
const ALIASES: ReadonlySet<number> = new Set([
  ...[TAG.typedef, TAG.constType, TAG.volatileType, TAG.restrictType, TAG.atomicType],
])
const QUALIFIERS: Readonly<Record<number, string>> = { [TAG.constType]: 'const ', [TAG.volatileType]: 'volatile ' }
const POINTERS: Readonly<Record<number, string>> = {
  [TAG.pointerType]: '*',
  [TAG.referenceType]: '&',
  [TAG.rvalueReferenceType]: '&&',
}
const KINDS: Readonly<Record<number, string>> = {
  [TAG.structureType]: 'struct',
  [TAG.classType]: 'class',
  [TAG.unionType]: 'union',
  [TAG.enumerationType]: 'enum',
}

export interface Member {
  readonly name: string
  readonly type: DebugEntry | null
  readonly offset: number
  /** Of a field of bits: from which, and how many; null of others. */
  readonly bits: { readonly from: number; readonly count: number } | null
}

/** A Rust enum's, or a union's that is told by a field: what is there depends on its value. */
export interface VariantPart {
  readonly discriminant: Member | null
  readonly variants: readonly { readonly value: bigint | null; readonly members: readonly Member[] }[]
}

interface Parts {
  readonly members: readonly Member[]
  readonly variants: VariantPart | null
}

export class DebugTypes {
  readonly #entries: DebugEntries
  readonly #work: DebugWork
  /** By the entry: variables of one function often have the same few types. */
  readonly #parts = new Map<number, Parts>()

  constructor(entries: DebugEntries, work: DebugWork) {
    this.#entries = entries
    this.#work = work
  }

  typeOf({ attributes }: DebugEntry): DebugEntry | null {
    const found = attributes.get(AT.type)
    return found?.kind === 'reference' ? this.#entries.entryAt(found.value, this.#work) : null
  }

  /** The type that it is at last; null where it is none. */
  stripped(type: DebugEntry | null): DebugEntry | null {
    let at = type
    for (let left = MOST_HOPS; at !== null && ALIASES.has(at.tag) && left > 0; left--) at = this.typeOf(at)
    return at
  }

  isPointer({ tag }: DebugEntry): boolean {
    return tag in POINTERS
  }

  text(entry: DebugEntry, name: number = AT.name): string | null {
    return this.#entries.text(entry.unit, entry.attributes.get(name), this.#work)
  }

  /** As the author wrote it, as far as debug information tells. */
  nameOf(type: DebugEntry | null, left: number = MOST_HOPS): string {
    if (type === null || left === 0) return 'void'
    const own = this.text(type)
    if (own !== null) return own
    const inner = () => this.nameOf(this.typeOf(type), left - 1)
    const pointer = POINTERS[type.tag]
    if (pointer !== undefined) {
      const name = inner()
      return name.endsWith('*') ? `${name}${pointer}` : `${name} ${pointer}`
    }
    if (type.tag === TAG.arrayType)
      return `${inner()}${this.lengthsOf(type)
        .map((length) => `[${length ?? ''}]`)
        .join('')}`
    if (ALIASES.has(type.tag)) return `${QUALIFIERS[type.tag] ?? ''}${inner()}`
    return KINDS[type.tag] ?? 'a type without a name'
  }

  number(entry: DebugEntry, name: number): bigint | null {
    const found = entry.attributes.get(name)
    return found?.kind === 'constant' ? found.value : null
  }

  /** Bytes; null where it is not known, or more than any memory has. */
  sizeOf(type: DebugEntry | null, left: number = MOST_HOPS): number | null {
    const at = this.stripped(type)
    if (at === null || left === 0) return null
    const own = this.number(at, AT.byteSize)
    if (own !== null) return own >= 0n && own <= 0xffffffffn ? Number(own) : null
    if (this.isPointer(at)) return 4
    if (at.tag !== TAG.arrayType) return null
    const element = this.sizeOf(this.typeOf(at), left - 1)
    const size = this.lengthsOf(at).reduce<number | null>(
      (product, length) => (product === null || length === null ? null : product * length),
      element,
    )
    return size !== null && size <= 0xffffffff ? size : null
  }

  /** Of an array's dimensions, the outermost first; null of one that is not told. */
  lengthsOf(array: DebugEntry): readonly (number | null)[] {
    const lengths: (number | null)[] = []
    for (const { entry } of this.#entries.children(array, this.#work)) {
      if (entry.tag !== TAG.subrangeType || lengths.length >= MOST_HOPS) continue
      const last = this.number(entry, AT.upperBound)
      const count = this.number(entry, AT.count) ?? (last === null ? null : BigInt.asIntN(64, last) + 1n)
      lengths.push(count !== null && count >= 0n && count <= 0xffffffffn ? Number(count) : null)
    }
    return lengths
  }

  /** The fields of a structure, class or union; of a Rust enum those that depend on its value. */
  partsOf(type: DebugEntry): Parts {
    const known = this.#parts.get(type.offset)
    if (known !== undefined) return known
    const members: Member[] = []
    let variants: VariantPart | null = null
    for (const { entry } of this.#entries.children(type, this.#work)) {
      if (entry.tag === TAG.variantPart) variants = this.#variantsOf(entry)
      else if ((entry.tag === TAG.member || entry.tag === TAG.inheritance) && members.length < MAX_MEMBERS)
        members.push(this.#member(entry))
    }
    const parts = { members, variants }
    this.#parts.set(type.offset, parts)
    return parts
  }

  /** The name of a constant of an enumeration; null where none has the value. */
  enumeratorOf(type: DebugEntry, value: bigint, bits: number): string | null {
    for (const { entry } of this.#entries.children(type, this.#work)) {
      const own = entry.tag === TAG.enumerator ? this.number(entry, AT.constValue) : null
      if (own !== null && BigInt.asUintN(bits, own) === BigInt.asUintN(bits, value)) return this.text(entry)
    }
    return null
  }

  #variantsOf(part: DebugEntry): VariantPart {
    const discriminant = part.attributes.get(AT.discr)
    const entry = discriminant?.kind === 'reference' ? this.#entries.entryAt(discriminant.value, this.#work) : null
    const variants: { value: bigint | null; members: Member[] }[] = []
    for (const { entry: child, depth } of this.#entries.children(part, this.#work, ({ tag }) => tag === TAG.variant)) {
      if (child.tag === TAG.variant && depth === 1 && variants.length < MAX_MEMBERS)
        variants.push({ value: this.number(child, AT.discrValue), members: [] })
      else if (child.tag === TAG.member && depth === 2) variants.at(-1)?.members.push(this.#member(child))
    }
    return { discriminant: entry === null ? null : this.#member(entry), variants }
  }

  #member(entry: DebugEntry): Member {
    const at = this.number(entry, AT.dataMemberLocation)
    const count = this.number(entry, AT.bitSize)
    const from = this.number(entry, AT.dataBitOffset)
    const bits = count === null || from === null ? null : { from: Number(from & 7n), count: Number(count & 127n) }
    const offset = bits === null ? (at ?? 0n) : from! >> 3n
    return {
      name: this.text(entry) ?? (entry.tag === TAG.inheritance ? 'the base' : ''),
      type: this.typeOf(entry),
      offset: offset >= 0n && offset <= 0xffffffffn ? Number(offset) : -1,
      bits,
    }
  }
}
