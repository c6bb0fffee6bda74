/**
 * Whole, valid Brotli streams (RFC 7932) that no encoder writes: nearly all of each asks for work that is no output. Every
 * one unpacks to `blocks` zeros, to one, or to nothing.
 */

/** Bits in the order of the format: the least significant of a number first. */
class BitWriter {
  readonly #bytes: number[] = []
  #bit = 0

  bits(value: number, count: number): this {
    for (let i = 0; i < count; i++) {
      if (this.#bit === 0) this.#bytes.push(0)
      this.#bytes[this.#bytes.length - 1]! |= ((value >>> i) & 1) << this.#bit
      this.#bit = (this.#bit + 1) & 7
    }
    return this
  }

  raw(bytes: Uint8Array): this {
    this.align()
    for (const byte of bytes) this.#bytes.push(byte)
    return this
  }

  align(): this {
    this.#bit = 0
    return this
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }
}

const LITERAL_BITS = 8
const COMMAND_BITS = 10
/** Writes one literal, and its copy is cut off by the end of the block: insert length 1, copy length 2, own distance. */
const LAST_COMMAND = 136
/** Nothing inserted, 4 copied, own distance. */
const COPY_FOUR = 130

/** Section 3.4: the only symbol of its code, which takes no bits. */
function onlySymbol(out: BitWriter, symbol: number, width: number): void {
  out.bits(1, 2).bits(0, 2).bits(symbol, width)
}

/** Section 3.5: all symbols of the alphabet have codes of `length` bits; told in 39 bits, for 2^length symbols. */
function uniform(out: BitWriter, length: number): void {
  out.bits(0, 2)
  for (const symbol of [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15]) {
    if (symbol === length) out.bits(7, 4)
    else out.bits(0, 2)
  }
}

/** Section 9.2: a number from 1 to 256. */
function number256(out: BitWriter): void {
  out.bits(1, 1).bits(7, 3).bits(127, 7)
}

function begin(): BitWriter {
  // A window of 16 bits.
  return new BitWriter().bits(0, 1)
}

/** A meta-block that is not the last, compressed, of `length` bytes. */
function block(out: BitWriter, length: number): void {
  out
    .bits(0, 1)
    .bits(0, 2)
    .bits(length - 1, 16)
    .bits(0, 1)
}

/** The last meta-block, which is empty. */
function end(out: BitWriter): Uint8Array {
  return out.bits(3, 2).done()
}

/** 512 codes of 256 and 512 symbols in every block of one byte: 2.5 KB each. */
export function prefixCodes(blocks: number): Uint8Array {
  const out = begin()
  for (let i = 0; i < blocks; i++) {
    block(out, 1)
    // One type of block of each kind, no direct distances but the longest alphabet, literal contexts of mode 0.
    out.bits(0, 3).bits(3, 2).bits(15, 4).bits(0, 2)
    // Context maps of 256 codes whose entries are all 0.
    for (let map = 0; map < 2; map++) {
      number256(out)
      out.bits(0, 1)
      onlySymbol(out, 0, LITERAL_BITS)
      out.bits(0, 1)
    }
    for (let code = 0; code < 256; code++) uniform(out, 8)
    onlySymbol(out, LAST_COMMAND, COMMAND_BITS)
    for (let code = 0; code < 256; code++) uniform(out, 9)
    out.bits(0, 8)
  }
  return end(out)
}

/** At most 65 536 bytes, not compressed, behind as many bytes of metadata as `padding` says, which are skipped. */
export function padded(bytes: Uint8Array, padding: number): Uint8Array {
  const out = begin()
  out
    .bits(0, 1)
    .bits(3, 2)
    .bits(0, 1)
    .bits(3, 2)
    .bits(padding - 1, 24)
    .raw(new Uint8Array(padding))
  out
    .bits(0, 1)
    .bits(0, 2)
    .bits(bytes.length - 1, 16)
    .bits(1, 1)
    .raw(bytes)
  return end(out)
}

/** A context map of 16 384 entries, move to front, in every block of one byte: 30 bytes each. */
export function contextMaps(blocks: number): Uint8Array {
  const out = begin()
  for (let i = 0; i < blocks; i++) {
    block(out, 1)
    // 256 types of literal blocks, the first of them 16 bytes long or so.
    number256(out)
    onlySymbol(out, 0, 9)
    onlySymbol(out, 0, 5)
    out.bits(0, 2)
    out.bits(0, 2).bits(0, 2).bits(0, 4)
    for (let type = 0; type < 256; type++) out.bits(0, 2)
    // Two codes; runs of zeros of up to 2^14 + 2^14 - 1 entries, and one run of all.
    out.bits(1, 1).bits(0, 3)
    out.bits(1, 1).bits(13, 4)
    onlySymbol(out, 14, 4)
    out.bits(0, 14)
    out.bits(1, 1)
    // One code for distances.
    out.bits(0, 1)
    for (let code = 0; code < 2; code++) onlySymbol(out, 0, LITERAL_BITS)
    onlySymbol(out, LAST_COMMAND, COMMAND_BITS)
    onlySymbol(out, 0, 6)
  }
  return end(out)
}

/** Blocks of metadata of no bytes: one byte each. */
export function emptyMetadata(blocks: number): Uint8Array {
  const out = begin()
  for (let i = 0; i < blocks; i++) out.bits(0, 1).bits(3, 2).bits(0, 1).bits(0, 2).align()
  return end(out)
}

/** Words of the dictionary of which a transform leaves nothing, two bytes each, and one literal. */
export function emptyWords(words: number): Uint8Array {
  const out = begin()
  block(out, 1)
  out.bits(0, 3).bits(0, 2).bits(0, 4).bits(0, 2)
  out.bits(0, 2)
  onlySymbol(out, 0, LITERAL_BITS)
  out.bits(1, 2).bits(1, 2).bits(COPY_FOUR, COMMAND_BITS).bits(LAST_COMMAND, COMMAND_BITS)
  // Distances from 65 533 on, with 15 bits more.
  onlySymbol(out, 44, 6)
  // The 64th transform leaves out the last nine letters of a word of four.
  for (let i = 0; i < words; i++) out.bits(0, 1).bits(4, 15)
  out.bits(1, 1)
  return end(out)
}
