/**
 * Text that somebody else wrote, made safe to show: what a terminal obeys, what a reader cannot see, and what turns the
 * order of the characters around it is written as an escape. The one place for it: the vm, the node, the builder and the
 * command line all come here.
 *
 * Escaped are control characters (C0, DEL, C1: Unicode category Cc), format characters (Cf: the bidirectional controls
 * U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, zero-width ones, tags), line and paragraph separators (Zl, Zp),
 * surrogates without their other half (Cs), and what fonts show as nothing (Default_Ignorable_Code_Point, UAX #44).
 *
 * Which characters those are depends on the Unicode version of the host, so nothing made here may reach consensus. Bytes
 * that programs decode (revert data, logs, code) are never changed.
 */

const CLASSES = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`
const UNSAFE = new RegExp(CLASSES, 'gu')
const HAS_UNSAFE = new RegExp(CLASSES, 'u')

/** The whole text, escaped as `\u{1b}`. */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, escaped)
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`
}

/**
 * The beginning of it, escaped: at most `most` UTF-16 units, of which the last is an ellipsis when there was more. Looks at
 * no more of the text than it may show.
 */
export function printable(text: string, most = 80): string {
  if (text.length <= most && !HAS_UNSAFE.test(text)) return text
  let shown = ''
  let beforeLast = ''
  for (const character of text) {
    const next = shown + (HAS_UNSAFE.test(character) ? escaped(character) : character)
    if (next.length > most) return `${shown.length < most ? shown : beforeLast}…`
    beforeLast = shown
    shown = next
  }
  return shown
}

/**
 * The beginning of it in quotes, as JSON writes a string, so that nothing inside looks like the end of the quotation.
 * Shows at most `most` UTF-16 units of it, of which the last is an ellipsis when there was more.
 */
export function quotedText(text: string, most = 80): string {
  return visibleJson(JSON.stringify(text.length <= most ? text : `${text.slice(0, most - 1)}…`))
}

/** A JSON document with such characters escaped as `\u001b`: the same value to every parser. Line feeds stay. */
export function visibleJson(json: string): string {
  return json.replace(UNSAFE, (character) => (character === '\n' ? character : jsonEscape(character)))
}

function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
