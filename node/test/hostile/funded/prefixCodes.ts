/**
 * A Brotli stream (RFC 7932) of a given length that describes prefix codes and nothing else: a meta-block of one byte of
 * output announces 256 literal codes, 256 command codes and 256 distance codes, each in 39 bits.
 */
const CODES_A_KIND = 256
/** Bytes of one such meta-block, rounded up. */
const BLOCK_BYTES = 3_900
/** RFC 7932, 3.5: the order in which the lengths of the code length code stand. */
const CODE_LENGTH_ORDER = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15]

export function prefixCodesOnly(length: number): Uint8Array {
  const bytes = new Uint8Array(length + 2 * BLOCK_BYTES)
  let at = 0
  const write = (value: number, bits: number) => {
    for (let bit = 0; bit < bits; bit++, at++) if ((value >>> bit) & 1) bytes[at >> 3]! |= 1 << (at & 7)
  }
  /** A complex code whose symbols all have one length: a code length code of one symbol, which takes no bits. */
  const uniformCode = (symbolLength: number) => {
    write(0, 2)
    for (const candidate of CODE_LENGTH_ORDER) {
      if (candidate === symbolLength) write(0b0111, 4)
      else write(0, 2)
    }
  }
  const codeOfOne = (symbol: number, alphabetBits: number) => {
    write(1, 2)
    write(0, 2)
    write(symbol, alphabetBits)
  }
  const count256 = () => {
    write(1, 1)
    write(7, 3)
    write(127, 7)
  }
  const contextMap = () => {
    count256()
    write(0, 1)
    codeOfOne(0, 8)
    write(0, 1)
  }
  write(0, 1)
  while (at / 8 + BLOCK_BYTES < length) {
    // Not the last; one byte; compressed.
    write(0, 1)
    write(0, 2)
    write(0, 16)
    write(0, 1)
    // One literal block type, 256 command block types, one distance block type.
    write(0, 1)
    count256()
    codeOfOne(0, 9)
    codeOfOne(0, 5)
    write(3, 2)
    write(0, 1)
    write(3, 2)
    write(15, 4)
    write(0, 2)
    contextMap()
    contextMap()
    for (const symbolLength of [8, 9, 9]) for (let i = 0; i < CODES_A_KIND; i++) uniformCode(symbolLength)
    // The command that inserts one literal, its bits from the most significant on, and the literal.
    write(0b000100000, 9)
    write(0, 8)
  }
  return bytes.subarray(0, length)
}
