/**
 * Reads the primitive encodings of the binary format (core specification, 5.2): bytes, LEB128 integers, names.
 * Every read is bounds-checked against `end`, which sections and bodies narrow. Errors carry the position and the
 * function being decoded.
 */
import { type MalformedCode, type ModulePosition, ValidationError } from '../validationError.ts'
import { isUtf8 } from './utf8.ts'

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

export class Reader {
  readonly bytes: Uint8Array
  position: number
  end: number
  /** The function whose body is being read, for messages. */
  functionIndex: number | null = null
  /** The instruction whose immediates are being read, for messages. */
  instruction: string | null = null

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  get atEnd(): boolean {
    return this.position >= this.end
  }

  at(offset: number = this.position): ModulePosition {
    return { functionIndex: this.functionIndex, offset, instruction: this.instruction }
  }

  /** @throws ValidationError always. */
  malformed(
    code: MalformedCode,
    problem: string,
    offset: number = this.position,
    hint = 'the module is damaged or was not produced by a WebAssembly compiler',
  ): never {
    throw new ValidationError(code, problem, hint, this.at(offset), null)
  }

  byte(): number {
    if (this.position >= this.end) this.malformed('malformed:unexpected-end', 'unexpected end')
    return this.bytes[this.position++]!
  }

  take(length: number): Uint8Array {
    if (length > this.end - this.position) {
      this.malformed('malformed:unexpected-end', `${length} bytes are announced, ${this.end - this.position} are there`)
    }
    const taken = this.bytes.subarray(this.position, this.position + length)
    this.position += length
    return taken
  }

  /** Unsigned 32-bit LEB128: at most 5 bytes, unused bits zero. */
  u32(): number {
    const start = this.position
    let result = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      if (shift === 28) {
        if (byte > 0x0f) this.malformed('malformed:integer', 'integer too long or too large for 32 bits', start)
        return (result | (byte << 28)) >>> 0
      }
      result |= (byte & 0x7f) << shift
      if (byte < 0x80) return result
    }
  }

  /** Signed 32-bit LEB128: at most 5 bytes, unused bits equal to the sign. */
  s32(): number {
    const start = this.position
    let result = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      if (shift === 28) {
        if (byte > 0x7f || ((byte & 0x78) !== 0 && (byte & 0x78) !== 0x78)) {
          this.malformed('malformed:integer', 'integer too long or too large for 32 bits', start)
        }
        return result | (byte << 28)
      }
      result |= (byte & 0x7f) << shift
      if (byte < 0x80) return (result << (25 - shift)) >> (25 - shift)
    }
  }

  /** Signed 33-bit LEB128, used by block types: at most 5 bytes. */
  s33(): number {
    const start = this.position
    let result = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      if (shift === 28) {
        if (byte > 0x7f || ((byte & 0x70) !== 0 && (byte & 0x70) !== 0x70)) {
          this.malformed('malformed:integer', 'integer too long or too large for 33 bits', start)
        }
        // Bits 28..31 of the number from the low four bits; bit 4 is the sign, weighing -2^32.
        return ((result | (byte << 28)) >>> 0) - (byte & 0x10 ? 2 ** 32 : 0)
      }
      result |= (byte & 0x7f) << shift
      if (byte < 0x80) return (result << (25 - shift)) >> (25 - shift)
    }
  }

  /** Signed 64-bit LEB128 as [low, high] 32-bit halves: at most 10 bytes. */
  s64(): readonly [low: number, high: number] {
    const start = this.position
    let low = 0
    let high = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >> 4
      } else if (shift < 63) high |= bits << (shift - 32)
      else {
        if (byte !== 0x00 && byte !== 0x7f) {
          this.malformed('malformed:integer', 'integer too long or too large for 64 bits', start)
        }
        return [low, high | (bits << 31)]
      }
      if (byte < 0x80) {
        if ((byte & 0x40) !== 0) {
          const filled = shift + 7
          if (filled < 32) {
            low |= -1 << filled
            high = -1
          } else high |= filled === 32 ? -1 : filled < 64 ? -1 << (filled - 32) : 0
        }
        return [low, high]
      }
    }
  }

  /** Little-endian 32-bit word, as signed number. */
  word(): number {
    const taken = this.take(4)
    return taken[0]! | (taken[1]! << 8) | (taken[2]! << 16) | (taken[3]! << 24)
  }

  name(): { readonly text: string; readonly byteLength: number } {
    const length = this.u32()
    const start = this.position
    const bytes = this.take(length)
    if (!isUtf8(bytes)) this.malformed('malformed:utf8', 'a name is not valid UTF-8', start)
    return { text: utf8.decode(bytes), byteLength: length }
  }
}
