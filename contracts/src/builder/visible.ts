/**
 * Escapes characters that a terminal obeys, that nobody sees, or that turn the order of text around them; as
 * node/src/codec/visibleText.ts has it. A contract's source, and the name of its folder, may be a stranger's.
 */

import { isAbsolute, relative } from 'node:path'

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
/** Characters that take two columns of a terminal (Unicode UAX #11, wide and fullwidth; emoji). */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u
const MARK = /\p{M}/u

export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

/** A path as somebody who stands in `from` names it: relative below it, else absolute if it came so. */
export function shownPath(path: string, from = '.'): string {
  const near = relative(from, path)
  return visible(near.startsWith('..') && isAbsolute(path) ? path : near || '.')
}

/** Columns of a terminal that visible text takes. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return columns
}
