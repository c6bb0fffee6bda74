import { expect, it } from 'vitest'
import { printable, visibleJson, visibleText } from './visibleText.ts'

/** One of each kind, written as escapes so that this file itself can be read. */
const nasty = [
  ...['\u0000', '\u0007', '\u0008', '\t', '\n', '\r', '\u001b[2J', '\u007f', '\u0085', '\u009b31m', '\u009d'],
  ...['\u00ad', '\u034f', '\u061c', '\u115f', '\u180e', '\u200b', '\u200d', '\u200e', '\u200f'],
  ...['\u2028', '\u2029', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2060', '\u2066', '\u2067', '\u2068'],
  ...['\u2069', '\u3164', '\ufe0f', '\ufeff', '\ufff9', '\u{e0001}', '\u{e0041}', '\ud800', '\udfff'],
]
/** Code points that may reach a terminal, checked without the classes of the code under test. */
function isShown(character: string): boolean {
  const point = character.codePointAt(0)!
  if (point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0xd800 && point < 0xe000)) return false
  const hidden = [0xad, 0x34f, 0x61c, 0x115f, 0x180e, 0x3164, 0xfe0f, 0xfeff, 0xfff9]
  if (hidden.includes(point) || (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e))
    return false
  return !(point >= 0x2060 && point <= 0x206f) && point < 0xe0000
}

it('shows nothing that a terminal obeys or a reader cannot see', () => {
  for (const text of nasty) {
    for (const shown of [visibleText(`a${text}b`), printable(`a${text}b`)]) {
      expect([...shown].every(isShown), JSON.stringify(text)).toBe(true)
      expect(shown).toMatch(/^a\\u\{[0-9a-f]+\}.*b$/)
    }
  }
  expect(visibleText('\u001b[2J\u202e')).toBe('\\u{1b}[2J\\u{202e}')
})

it('leaves what people write', () => {
  for (const text of ['', 'Hello, wörld', '日本語', 'Ω≠∑', '🦀', 'a\u00a0b', '"\\n"', 'e\u0301']) {
    expect(visibleText(text)).toBe(text)
    expect(printable(text)).toBe(text)
    expect(visibleJson(JSON.stringify(text))).toBe(JSON.stringify(text))
  }
})

it('is bounded, and cuts neither a character nor an escape in two', () => {
  expect(printable('abcdef', 6)).toBe('abcdef')
  expect(printable('abcdefg', 6)).toBe('abcde…')
  expect(printable('🦀🦀🦀🦀', 6)).toBe('🦀🦀…')
  expect(printable('ab\u001b\u001b', 6)).toBe('ab…')
  for (let most = 1; most < 40; most++) {
    const shown = printable('🦀\u001bx\u{e0041}é'.repeat(20), most)
    expect(shown.length).toBeLessThanOrEqual(most)
    expect(shown.isWellFormed()).toBe(true)
    expect(shown.slice(0, -1)).toMatch(/^(?:🦀|\\u\{1b\}|x|\\u\{e0041\}|é)*$/u)
  }
})

it('keeps JSON the same value', () => {
  const value = { [`name${nasty.join('')}`]: [...nasty, nasty.join('x')] }
  for (const json of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
    const shown = visibleJson(json)
    expect(JSON.parse(shown)).toEqual(value)
    expect([...shown].every((character) => character === '\n' || isShown(character))).toBe(true)
  }
})
