/** Text that strangers may write, for tests that none of it is obeyed, hidden or turned where it is shown. */

/** Written first on a line, or in a colour, only if something got through. */
export const MARK = 'forged'

/** Of every kind: C0, DEL, C1, line ends, bidirectional controls, zero-width, tags, halves of surrogate pairs, a quote. */
export const NASTY = [
  `\u001b[31m${MARK}\u001b[0m`,
  ...[
    '\u001b[2J',
    '\u001b]0;title\u0007',
    '\u009b31m',
    '\u009d0;x\u009c',
    '\u0000',
    '\b',
    '\u007f',
    '\u0085',
    '\t',
    '"',
  ],
  ...[`\n${MARK}`, `\r${MARK}`, `\r\n${MARK}`, `\v${MARK}`, `\f${MARK}`, `\u2028${MARK}`, `\u2029${MARK}`],
  ...['\u061c', '\u200b', '\u200d', '\u200e', '\u200f', '\u202a', '\u202d', '\u202e', '\u2060', '\u2066', '\u2069'],
  ...['\ufeff', '\u{e0041}', '\ud800', 'x', '\udc00'],
].join('')

/** As it can be in UTF-8, where a surrogate alone cannot be. */
export const NASTY_BYTES = new TextEncoder().encode(NASTY.toWellFormed())

/** Code points of the text that are not plain, told without the classes of the code under test. */
export function obeyed(text: string): number[] {
  return [...text].map((character) => character.codePointAt(0)!).filter((point) => !isPlain(point))
}

function isPlain(point: number): boolean {
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false
  if (point === 0x61c || point === 0xfeff || (point >= 0xd800 && point < 0xe000) || point >= 0xe0000) return false
  return (
    !(point >= 0x200b && point <= 0x200f) &&
    !(point >= 0x2028 && point <= 0x202e) &&
    !(point >= 0x2060 && point <= 0x206f)
  )
}
