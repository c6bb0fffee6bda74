/** Numbers and texts of a DWARF section, each within its bounds: the file may be anybody's. */
import { MAX_PATH_UNITS } from './limits.ts'

/** Sections of a module by their names, without `.debug_line` itself. */
export interface DwarfTexts {
  readonly strings: Uint8Array
  readonly lineStrings: Uint8Array
}

const utf8 = new TextDecoder()
/** Those of 128 have 19 bytes of LEB128. */
const MOST_CONSTANT_BITS = 19 * 7

/** A few bytes of a table name a text of any length: that each is in its section bounds nothing. */
export class PathBudget {
  #left = MAX_PATH_UNITS

  /** The same text. @throws SyntaxError when they are too long together. */
  taken(text: string, reader: DwarfReader): string {
    this.#left -= text.length
    if (this.#left < 0) throw reader.wrong(`its paths have more than ${MAX_PATH_UNITS} characters together`)
    return text
  }
}

export class DwarfReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #section: string
  #at: number
  #end: number

  constructor(bytes: Uint8Array, section: string, from = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#section = section
    this.#at = from
    this.#end = end
  }

  get position(): number {
    return this.#at
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  /** Of the next bytes, which are read apart from those behind them. */
  part(length: number): DwarfReader {
    const from = this.#at
    this.skip(length)
    return new DwarfReader(this.#bytes, this.#section, from, this.#at)
  }

  skip(length: number): void {
    this.#at = this.#need(length)
  }

  u8(): number {
    const end = this.#need(1)
    const value = this.#bytes[this.#at]!
    this.#at = end
    return value
  }

  i8(): number {
    return (this.u8() << 24) >> 24
  }

  u16(): number {
    const end = this.#need(2)
    const value = this.#view.getUint16(this.#at, true)
    this.#at = end
    return value
  }

  u32(): number {
    const end = this.#need(4)
    const value = this.#view.getUint32(this.#at, true)
    this.#at = end
    return value
  }

  u64(): bigint {
    const [low, high] = [this.u32(), this.u32()]
    return (BigInt(high) << 32n) | BigInt(low)
  }

  /** Of one to four bytes. */
  uint(size: number): number {
    let value = 0
    for (let scale = 1; size > 0; size--, scale *= 256) value += this.u8() * scale
    return value
  }

  bytes(length: number): Uint8Array {
    const from = this.#at
    this.skip(length)
    return this.#bytes.subarray(from, this.#at)
  }

  /** LEB128 of a number below 2^53. */
  unsigned(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8()
      value += (byte & 127) * scale
      if (value > Number.MAX_SAFE_INTEGER || scale > 2 ** 49) throw this.wrong('a number is too large')
      if (byte < 128) return value
    }
  }

  signed(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8()
      value += (byte & 127) * scale
      if (scale > 2 ** 42) throw this.wrong('a number is too large')
      if (byte < 128) return (byte & 64) === 0 ? value : value - scale * 128
    }
  }

  /** LEB128 of a constant of at most 128 bits. */
  unsignedBig(): bigint {
    return this.#constant().value
  }

  signedBig(): bigint {
    const { value, bits, isNegative } = this.#constant()
    return isNegative ? value - (1n << BigInt(bits)) : value
  }

  /** Up to a zero byte. */
  text(): string {
    const from = this.#at
    this.skipText()
    return utf8.decode(this.#bytes.subarray(from, this.#at - 1))
  }

  skipText(): void {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0 || end >= this.#end) throw this.wrong('a text has no end')
    this.#at = end + 1
  }

  /** The same of a text that is skipped again and again: a long one would be looked through each time. */
  skipName(most: number): void {
    const end = this.#bytes.subarray(this.#at, Math.min(this.#end, this.#at + most)).indexOf(0)
    if (end < 0) throw this.wrong(`a name has no end within ${most} bytes`)
    this.#at += end + 1
  }

  wrong(why: string): SyntaxError {
    return new SyntaxError(`${this.#section} is damaged at byte ${this.#at}: ${why}`)
  }

  #constant(): { readonly value: bigint; readonly bits: number; readonly isNegative: boolean } {
    let value = 0n
    for (let bits = 0; bits < MOST_CONSTANT_BITS; ) {
      const byte = this.u8()
      value |= BigInt(byte & 127) << BigInt(bits)
      bits += 7
      if (byte < 128) return { value, bits, isNegative: (byte & 64) !== 0 }
    }
    throw this.wrong('a number is too large')
  }

  #need(length: number): number {
    const end = this.#at + length
    if (!(length >= 0) || end > this.#end) throw this.wrong('it ends too early')
    return end
  }
}
