/** Values of variables as their author reads them, in parts: whatever the memory holds, and the file says. */
import { AT, type DebugEntry, TAG } from './debugEntries.ts'
import { type Location, numberOf, partOf, readLocation, type StoppedMachine } from './debugLocations.ts'
import type { DebugTypes, Member } from './debugTypes.ts'
import { MAX_ELEMENTS, MAX_PARTS_OF_VARIABLE, MAX_SOURCE_PARTS, MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from './limits.ts'

/** A variable of the author's, or a part of one. */
export interface SourceVariable {
  readonly name: string
  readonly type: string
  readonly value: string
  /** False where the compiler has not kept it: then the value says so. */
  readonly isKept?: false
  /** Fields, elements, or what a pointer points to. */
  readonly children?: readonly SourceVariable[]
}

/** UTF-16 units of a structure in one line. */
const MAX_SUMMARY = 160

const ENCODING = { boolean: 2, float: 4, signed: 5, signedChar: 6, unsigned: 7, unsignedChar: 8, utf: 16 }
/** The value of a variable that has none where the function stands. */
export const NOT_KEPT = 'not kept by the compiler here'
/** The name of what stands for the parts that were left out. */
const MORE = '…'
const NOT_READ = 'not in the memory'

type Shown = Omit<SourceVariable, 'name' | 'type'>

export class DebugValues {
  readonly #types: DebugTypes
  readonly #machine: StoppedMachine
  /** Parts that may still come, of all variables and of this one. */
  #leftOfAll = MAX_SOURCE_PARTS
  #left = 0

  constructor(types: DebugTypes, machine: StoppedMachine) {
    this.#types = types
    this.#machine = machine
  }

  /** Of the author's, with as many of its parts as may come. */
  variable(name: string, type: DebugEntry | null, at: Location | null): SourceVariable {
    this.#left = MAX_PARTS_OF_VARIABLE
    return this.#shown(name, type, at, 0)
  }

  /** Null where there are too many already. */
  #part(name: string, type: DebugEntry | null, at: Location | null, depth: number): SourceVariable | null {
    return this.#mayCome() ? this.#shown(name, type, at, depth) : null
  }

  /** One part more. */
  #mayCome(): boolean {
    if (this.#left <= 0 || this.#leftOfAll <= 0) return false
    this.#left--
    this.#leftOfAll--
    return true
  }

  #shown(name: string, type: DebugEntry | null, at: Location | null, depth: number): SourceVariable {
    return { name, type: short(this.#types.nameOf(type)), ...this.#value(type, at, depth) }
  }

  #value(type: DebugEntry | null, at: Location | null, depth: number): Shown {
    const own = this.#types.stripped(type)
    if (at === null || (at.kind === 'parts' && at.parts.every((part) => part.at === null)))
      return { value: NOT_KEPT, isKept: false }
    if (own === null) return this.#raw(type, at)
    switch (own.tag) {
      case TAG.baseType:
      case TAG.enumerationType:
        return this.#scalar(own, at)
      case TAG.pointerType:
      case TAG.referenceType:
      case TAG.rvalueReferenceType:
        return this.#pointer(own, at, depth)
      case TAG.arrayType:
        return this.#array(own, at, depth)
      case TAG.structureType:
      case TAG.classType:
      case TAG.unionType:
        return this.#structure(own, at, depth)
      default:
        return this.#raw(own, at)
    }
  }

  #raw(type: DebugEntry | null, at: Location): Shown {
    const size = this.#types.sizeOf(type)
    const bytes = size === null ? null : readLocation(at, 0, Math.min(size, MAX_VALUE_BYTES), this.#machine)
    return bytes === null ? missing(at) : { value: hex(bytes) }
  }

  #number(type: DebugEntry | null, at: Location | null): bigint | null {
    const size = this.#types.sizeOf(type)
    const bytes = size === null || size === 0 || size > 16 ? null : readLocation(at, 0, size, this.#machine)
    return bytes === null ? null : numberOf(bytes)
  }

  #scalar(type: DebugEntry, at: Location): Shown {
    const value = this.#number(type, at)
    return value === null ? missing(at) : { value: this.#scalarText(type, value, 8 * this.#types.sizeOf(type)!) }
  }

  #scalarText(type: DebugEntry, value: bigint, bits: number): string {
    const types = this.#types
    if (type.tag === TAG.enumerationType) {
      const base = types.stripped(types.typeOf(type))
      const plain = base?.tag === TAG.baseType ? this.#scalarText(base, value, bits) : String(value)
      const name = types.enumeratorOf(type, value, bits)
      return name === null ? plain : `${name} (${plain})`
    }
    const signed = BigInt.asIntN(bits, value)
    switch (Number(types.number(type, AT.encoding) ?? 0n)) {
      case ENCODING.boolean:
        return value === 0n ? 'false' : value === 1n ? 'true' : `true (${value})`
      case ENCODING.float:
        return floatText(value, bits)
      case ENCODING.signed:
        return String(signed)
      case ENCODING.signedChar:
        return `${signed}${characterText(value, 0x7f)}`
      case ENCODING.unsignedChar:
        return `${value}${characterText(value, 0x7f)}`
      case ENCODING.utf:
        return `${value}${characterText(value, 0x10ffff)}`
      default:
        return String(value)
    }
  }

  #pointer(type: DebugEntry, at: Location, depth: number): Shown {
    const address = this.#number(type, at)
    if (address === null) return missing(at)
    if (address === 0n) return { value: 'null' }
    const value = `0x${address.toString(16)}`
    const target = this.#types.typeOf(type)
    const own = this.#types.stripped(target)
    const there: Location = { kind: 'memory', at: Number(BigInt.asUintN(32, address)) }
    if (own !== null && this.#isCharacter(own)) {
      const text = this.#textUntilZero(there.at)
      return { value: text === null ? value : `${value} ${text}` }
    }
    if (own === null || depth >= MAX_VALUE_DEPTH || this.#types.sizeOf(own) === null) return { value }
    const child = this.#part('*', target, there, depth + 1)
    return child === null ? { value } : { value: short(`${value} → ${child.value}`), children: [child] }
  }

  #array(type: DebugEntry, at: Location, depth: number): Shown {
    const [length = null, ...inner] = this.#types.lengthsOf(type)
    const element = this.#types.typeOf(type)
    if (length === null || inner.length > 0) return this.#raw(type, at)
    return this.#elements(element, at, length, depth)
  }

  #elements(element: DebugEntry | null, at: Location, length: number, depth: number): Shown {
    const own = this.#types.stripped(element)
    const size = this.#types.sizeOf(element)
    if (own !== null && size === 1 && own.tag === TAG.baseType) {
      const bytes = readLocation(at, 0, Math.min(length, MAX_VALUE_BYTES), this.#machine)
      if (bytes === null) return missing(at)
      const more = length > MAX_VALUE_BYTES ? `… (${length} bytes)` : ''
      return { value: this.#isCharacter(own) ? `${quoted(bytes)}${more}` : `${hex(bytes)}${more}` }
    }
    const count = Math.min(length, MAX_ELEMENTS)
    const children: SourceVariable[] = []
    if (size !== null && depth < MAX_VALUE_DEPTH) {
      for (let i = 0; i < count; i++) {
        const child = this.#part(`[${i}]`, element, partOf(at, i * size), depth + 1)
        if (child === null) break
        children.push(child)
      }
    }
    const more = length > children.length ? ['…'] : []
    const value = short(`[${[...children.map((child) => child.value), ...more].join(', ')}]`)
    return children.length === 0 ? { value: length === 0 ? '[]' : `${length} elements` } : { value, children }
  }

  #structure(type: DebugEntry, at: Location, depth: number): Shown {
    const { members, variants } = this.#types.partsOf(type)
    const slice = this.#slice(type, members, at, depth)
    if (slice !== null) return slice
    if (depth >= MAX_VALUE_DEPTH) return { value: '{ … }' }
    const children = this.#fields(members, at, depth)
    if (variants === null) return fieldsText(children)
    const { discriminant, variants: all } = variants
    const told = discriminant === null ? null : this.#number(discriminant.type, partOf(at, discriminant.offset))
    const bits = discriminant === null ? 0 : 8 * (this.#types.sizeOf(discriminant.type) ?? 0)
    const isIt = (value: bigint | null) => value !== null && told !== null && BigInt.asUintN(bits, value) === told
    const found = all.find(({ value }) => isIt(value)) ?? all.find(({ value }) => value === null)
    if (discriminant !== null && told === null) return missing(at)
    if (found === undefined) return { value: `no variant has ${told}` }
    const [only, ...others] = this.#fields(found.members, at, depth)
    if (only === undefined || others.length > 0) return fieldsText([...children, ...(only ? [only, ...others] : [])])
    const value = only.value === '{}' ? only.name : short(`${only.name} ${only.value}`)
    return only.children === undefined ? { value } : { value, children: only.children }
  }

  /** Behind the last that may come one says that there are more. */
  #fields(members: readonly Member[], at: Location, depth: number): SourceVariable[] {
    const fields: SourceVariable[] = []
    for (const member of members) {
      const field = this.#field(member, at, depth)
      fields.push(field ?? { name: MORE, type: '', value: MORE })
      if (field === null) break
    }
    return fields
  }

  #field({ name, type, offset, bits }: Member, at: Location, depth: number): SourceVariable | null {
    const part = partOf(at, offset)
    if (bits === null) return this.#part(name, type, part, depth + 1)
    if (!this.#mayCome()) return null
    const own = this.#types.stripped(type)
    const bytes = readLocation(part, 0, Math.ceil((bits.from + bits.count) / 8), this.#machine)
    const named = { name, type: short(this.#types.nameOf(type)) }
    if (own === null || bytes === null) return { ...named, ...missing(at) }
    const value = BigInt.asUintN(bits.count, numberOf(bytes) >> BigInt(bits.from))
    return { ...named, value: this.#scalarText(own, value, bits.count) }
  }

  /** `&str` and `&[T]` of Rust, which are an address and a length; null of others. */
  #slice(type: DebugEntry, members: readonly Member[], at: Location, depth: number): Shown | null {
    const [data, length] = ['data_ptr', 'length'].map((name) => members.find((member) => member.name === name))
    if (members.length !== 2 || data === undefined || length === undefined) return null
    const [from, count] = [data, length].map((member) => this.#number(member.type, partOf(at, member.offset)))
    if (from == null || count == null) return null
    const pointer = this.#types.stripped(data.type)
    const element = pointer === null ? null : this.#types.typeOf(pointer)
    const there: Location = { kind: 'memory', at: Number(BigInt.asUintN(32, from)) }
    const size = Number(BigInt.asUintN(32, count))
    if (!/^&(?:mut )?str$/.test(this.#types.text(type) ?? '')) return this.#elements(element, there, size, depth)
    const bytes = this.#machine.read(there.at, Math.min(size, MAX_VALUE_BYTES))
    if (bytes === null) return { value: NOT_READ }
    return { value: `${quoted(bytes)}${size > MAX_VALUE_BYTES ? `… (${size} bytes)` : ''}` }
  }

  #isCharacter(type: DebugEntry): boolean {
    if (type.tag !== TAG.baseType || this.#types.sizeOf(type) !== 1) return false
    return Number(this.#types.number(type, AT.encoding) ?? 0n) === ENCODING.signedChar
  }

  #textUntilZero(at: number): string | null {
    const bytes: number[] = []
    while (bytes.length < MAX_VALUE_BYTES) {
      const byte = this.#machine.read(at + bytes.length, 1)?.[0]
      if (byte === undefined) return null
      if (byte === 0) return quoted(Uint8Array.from(bytes))
      bytes.push(byte)
    }
    return `${quoted(Uint8Array.from(bytes))}…`
  }
}

/** Of several parts it is one of those that the compiler has not kept. */
function missing(at: Location): Shown {
  return at.kind === 'parts' ? { value: NOT_KEPT, isKept: false } : { value: NOT_READ }
}

function fieldsText(children: readonly SourceVariable[]): Shown {
  if (children.length === 0) return { value: '{}' }
  const isTuple = children.every(({ name }, i) => name === `__${i}`)
  const fields = children.map(({ name, value }) => (isTuple || name === MORE ? value : `${name}: ${value}`))
  return { value: short(isTuple ? `(${fields.join(', ')})` : `{ ${fields.join(', ')} }`), children }
}

function short(text: string): string {
  return text.length <= MAX_SUMMARY ? text : `${text.slice(0, MAX_SUMMARY)}…`
}

function hex(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** Zeros at its end are what a buffer of characters is filled up with. */
function quoted(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes).replace(/\0+$/, ''))
}

function characterText(value: bigint, most: number): string {
  if (value < 0x20n || value > BigInt(most) || value === 0x7fn) return ''
  return ` ${JSON.stringify(String.fromCodePoint(Number(value)))}`
}

function floatText(value: bigint, bits: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt.asUintN(64, value), true)
  if (bits === 32) return String(view.getFloat32(0, true))
  return bits === 64 ? String(view.getFloat64(0, true)) : String(value)
}
