/** Numbers and texts of a DWARF section, each within its bounds: the file may be anybody's. */

/** Sections of a module by their names, without `.debug_line` itself. */
export interface DwarfTexts {
  readonly strings: Uint8Array
  readonly lineStrings: Uint8Array
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
    const text = new TextDecoder().decode(this.#bytes.subarray(this.#at, end))
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
