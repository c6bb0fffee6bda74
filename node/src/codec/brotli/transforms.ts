/**
 * The changes that a reference to the static dictionary may make to a word (RFC 7932, section 8 and Appendix B): put
 * text before and after it, leave out letters at one end, or turn letters to upper case by a rule of its own.
 */

const KEEP = 0
const UPPER_FIRST = 1
const UPPER_ALL = 2
/** With the number of bytes added: 1 to 9. */
const OMIT_FIRST = 10
const OMIT_LAST = 20

/** Appendix B: text before, what happens to the word, text after. Characters are bytes. */
const TRANSFORMS: readonly (readonly [before: string, change: number, after: string])[] = [
  ['', KEEP, ''],
  ['', KEEP, ' '],
  [' ', KEEP, ' '],
  ['', OMIT_FIRST + 1, ''],
  ['', UPPER_FIRST, ' '],
  ['', KEEP, ' the '],
  [' ', KEEP, ''],
  ['s ', KEEP, ' '],
  ['', KEEP, ' of '],
  ['', UPPER_FIRST, ''],
  ['', KEEP, ' and '],
  ['', OMIT_FIRST + 2, ''],
  ['', OMIT_LAST + 1, ''],
  [', ', KEEP, ' '],
  ['', KEEP, ', '],
  [' ', UPPER_FIRST, ' '],
  ['', KEEP, ' in '],
  ['', KEEP, ' to '],
  ['e ', KEEP, ' '],
  ['', KEEP, '"'],
  ['', KEEP, '.'],
  ['', KEEP, '">'],
  ['', KEEP, '\n'],
  ['', OMIT_LAST + 3, ''],
  ['', KEEP, ']'],
  ['', KEEP, ' for '],
  ['', OMIT_FIRST + 3, ''],
  ['', OMIT_LAST + 2, ''],
  ['', KEEP, ' a '],
  ['', KEEP, ' that '],
  [' ', UPPER_FIRST, ''],
  ['', KEEP, '. '],
  ['.', KEEP, ''],
  [' ', KEEP, ', '],
  ['', OMIT_FIRST + 4, ''],
  ['', KEEP, ' with '],
  ['', KEEP, "'"],
  ['', KEEP, ' from '],
  ['', KEEP, ' by '],
  ['', OMIT_FIRST + 5, ''],
  ['', OMIT_FIRST + 6, ''],
  [' the ', KEEP, ''],
  ['', OMIT_LAST + 4, ''],
  ['', KEEP, '. The '],
  ['', UPPER_ALL, ''],
  ['', KEEP, ' on '],
  ['', KEEP, ' as '],
  ['', KEEP, ' is '],
  ['', OMIT_LAST + 7, ''],
  ['', OMIT_LAST + 1, 'ing '],
  ['', KEEP, '\n\t'],
  ['', KEEP, ':'],
  [' ', KEEP, '. '],
  ['', KEEP, 'ed '],
  ['', OMIT_FIRST + 9, ''],
  ['', OMIT_FIRST + 7, ''],
  ['', OMIT_LAST + 6, ''],
  ['', KEEP, '('],
  ['', UPPER_FIRST, ', '],
  ['', OMIT_LAST + 8, ''],
  ['', KEEP, ' at '],
  ['', KEEP, 'ly '],
  [' the ', KEEP, ' of '],
  ['', OMIT_LAST + 5, ''],
  ['', OMIT_LAST + 9, ''],
  [' ', UPPER_FIRST, ', '],
  ['', UPPER_FIRST, '"'],
  ['.', KEEP, '('],
  ['', UPPER_ALL, ' '],
  ['', UPPER_FIRST, '">'],
  ['', KEEP, '="'],
  [' ', KEEP, '.'],
  ['.com/', KEEP, ''],
  [' the ', KEEP, ' of the '],
  ['', UPPER_FIRST, "'"],
  ['', KEEP, '. This '],
  ['', KEEP, ','],
  ['.', KEEP, ' '],
  ['', UPPER_FIRST, '('],
  ['', UPPER_FIRST, '.'],
  ['', KEEP, ' not '],
  [' ', KEEP, '="'],
  ['', KEEP, 'er '],
  [' ', UPPER_ALL, ' '],
  ['', KEEP, 'al '],
  [' ', UPPER_ALL, ''],
  ['', KEEP, "='"],
  ['', UPPER_ALL, '"'],
  ['', UPPER_FIRST, '. '],
  [' ', KEEP, '('],
  ['', KEEP, 'ful '],
  [' ', UPPER_FIRST, '. '],
  ['', KEEP, 'ive '],
  ['', KEEP, 'less '],
  ['', UPPER_ALL, "'"],
  ['', KEEP, 'est '],
  [' ', UPPER_FIRST, '.'],
  ['', UPPER_ALL, '">'],
  [' ', KEEP, "='"],
  ['', UPPER_FIRST, ','],
  ['', KEEP, 'ize '],
  ['', UPPER_ALL, '.'],
  ['\xc2\xa0', KEEP, ''],
  [' ', KEEP, ','],
  ['', UPPER_FIRST, '="'],
  ['', UPPER_ALL, '="'],
  ['', KEEP, 'ous '],
  ['', UPPER_ALL, ', '],
  ['', UPPER_FIRST, "='"],
  [' ', UPPER_FIRST, ','],
  [' ', UPPER_ALL, '="'],
  [' ', UPPER_ALL, ', '],
  ['', UPPER_ALL, ','],
  ['', UPPER_ALL, '('],
  ['', UPPER_ALL, '. '],
  [' ', UPPER_ALL, '.'],
  ['', UPPER_ALL, "='"],
  [' ', UPPER_ALL, '. '],
  [' ', UPPER_FIRST, '="'],
  [' ', UPPER_ALL, "='"],
  [' ', UPPER_FIRST, "='"],
]

export const TRANSFORM_COUNT: number = TRANSFORMS.length

/** The word as it goes to the output. */
export function transformWord(word: Uint8Array, index: number): Uint8Array {
  const [before, change, after] = TRANSFORMS[index]!
  const kept = changeWord(word, change)
  const out = new Uint8Array(before.length + kept.length + after.length)
  for (let i = 0; i < before.length; i++) out[i] = before.charCodeAt(i)
  out.set(kept, before.length)
  for (let i = 0; i < after.length; i++) out[before.length + kept.length + i] = after.charCodeAt(i)
  return out
}

function changeWord(word: Uint8Array, change: number): Uint8Array {
  if (change === KEEP) return word
  if (change > OMIT_LAST) return word.subarray(0, Math.max(0, word.length - (change - OMIT_LAST)))
  if (change > OMIT_FIRST) return word.subarray(Math.min(word.length, change - OMIT_FIRST))
  const upper = word.slice()
  let at = 0
  do at += upperCaseAt(upper, at)
  while (change === UPPER_ALL && at < upper.length)
  return upper
}

/** Section 8, "Ferment": changes one letter of UTF-8 and returns its length in bytes. A letter cut off stays as it is. */
function upperCaseAt(word: Uint8Array, at: number): number {
  const first = word[at]!
  if (first < 0xc0) {
    if (first >= 0x61 && first <= 0x7a) word[at] = first ^ 0x20
    return 1
  }
  if (first < 0xe0) {
    if (at + 1 < word.length) word[at + 1]! ^= 0x20
    return 2
  }
  if (at + 2 < word.length) word[at + 2]! ^= 0x05
  return 3
}
