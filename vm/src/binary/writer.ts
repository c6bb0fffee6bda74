/** Writes the primitive encodings of the binary format, integers in their shortest form. The opposite of reader.ts. */

const utf8 = new TextEncoder()

export class Writer {
  protected bytes = new Uint8Array(256)
  length = 0

  protected reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.#widen(count)
  }

  #widen(count: number): void {
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count))
    wider.set(this.bytes)
    this.bytes = wider
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#widen(1)
    this.bytes[this.length++] = value
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  u32(value: number): void {
    if (value >= 0 && value < 0x80) {
      this.byte(value)
      return
    }
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  /** Signed LEB128 of a 32-bit number; also that of a type index below 2^31 as block type. */
  s32(value: number): void {
    let rest = value
    while (rest < -0x40 || rest >= 0x40) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>= 7
    }
    this.byte(rest & 0x7f)
  }

  s64(low: number, high: number): void {
    let rest = (BigInt(high) << 32n) | BigInt(low >>> 0)
    while (rest < -0x40n || rest >= 0x40n) {
      this.byte(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    this.byte(Number(rest & 0x7fn))
  }

  /** Little-endian 32-bit word. */
  word(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff)
  }

  name(text: string): void {
    const start = this.length
    this.u32(text.length)
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code < 0x80) this.byte(code)
      else {
        this.length = start
        this.sized(utf8.encode(text))
        return
      }
    }
  }

  /** Length, then the bytes. */
  sized(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.raw(bytes)
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }
}
