/** Numbers and texts of a DWARF section, each within its bounds: the file may be anybody's. */

/** Sections of a module by their names, without `.debug_line` itself. */
export interface DwarfTexts {
  readonly strings: Uint8Array
  readonly lineStrings: Uint8Array
}

const utf8 = new TextDecoder()

/** UTF-16 units of paths that a module's tables have together, as often as they name each. */
const MAX_PATH_UNITS = 67_108_864

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

  /** Up to a zero byte. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0 || end >= this.#end) throw this.wrong('a text has no end')
    const text = utf8.decode(this.#bytes.subarray(this.#at, end))
    this.#at = end + 1
    return text
  }

  wrong(why: string): SyntaxError {
    return new SyntaxError(`${this.#section} is damaged at byte ${this.#at}: ${why}`)
  }

  #need(length: number): number {
    const end = this.#at + length
    if (!(length >= 0) || end > this.#end) throw this.wrong('it ends too early')
    return end
  }
}
