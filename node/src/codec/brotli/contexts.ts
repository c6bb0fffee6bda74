/**
 * Which of the literal codes comes next, from the two bytes before (RFC 7932, section 7.1). The tables of the standard
 * follow rules, which are written here instead.
 */

/** By the context mode of a block type: LSB6, MSB6, UTF8, Signed. */
export function literalContext(mode: number, last: number, beforeLast: number): number {
  if (mode === 0) return last & 0x3f
  if (mode === 1) return last >> 2
  if (mode === 2) return UTF8_LAST[last]! | UTF8_BEFORE_LAST[beforeLast]!
  return (SIGNED[last]! << 3) | SIGNED[beforeLast]!
}

/** "Lut0". */
const UTF8_LAST: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0xc0) return 2 + (byte & 1)
  if (byte >= 0x80) return byte & 1
  return 4 * asciiClass(String.fromCharCode(byte))
})

/** "Lut1". */
const UTF8_BEFORE_LAST: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  // The first byte of a letter of three bytes or more.
  if (byte >= 0xe0) return 2
  if (byte >= 0x7f || byte <= 0x20) return 0
  const char = String.fromCharCode(byte)
  if (/[a-z]/.test(char)) return 3
  return /[A-Z0-9]/.test(char) ? 2 : 1
})

/** "Lut2". */
const SIGNED: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const steps = [1, 16, 64, 128, 192, 240, 255]
  return steps.filter((step) => byte >= step).length
})

function asciiClass(char: string): number {
  const classes = [/[\t\n\r]/, / /, /./, /["']/, /%/, /[(<[{]/, /[)>\]}]/, /[,;:]/, /\./, /=/, /[0-9]/]
  const letters = [/[AEIOU]/, /[A-Z]/, /[aeiou]/, /[a-z]/]
  if (char < ' ' || char === '\x7f') return classes[0]!.test(char) ? 1 : 0
  const letter = letters.findIndex((pattern) => pattern.test(char))
  if (letter >= 0) return 12 + letter
  // The third class is what is in no other.
  const found = classes.findIndex((pattern, index) => index !== 2 && pattern.test(char))
  return found < 0 ? 3 : found + 1
}
