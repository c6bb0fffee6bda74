/**
 * Colour and weight of our own words, told from whatever a stranger wrote in the same line. A style is an escape sequence
 * of ECMA-48 (SGR) that carries a number nobody outside this process knows; where a line goes to a terminal, those become
 * plain styles and everything else that a terminal would obey becomes visible text.
 */
import { randomInt } from 'node:crypto'
import { visibleText } from './printable.ts'

type Style = (text: string) => string

export interface Styles {
  readonly bold: Style
  readonly dim: Style
  readonly red: Style
  readonly green: Style
  readonly yellow: Style
  readonly cyan: Style
}

/** 13 decimal digits each time: parameters of at most four digits, so that measures of width know them for a style. */
const secret = Array.from({ length: 4 }, () => randomInt(1_000, 10_000)).join(';')
const ownStyle = new RegExp(`\u001b\\[${secret};(\\d{1,2})m`)

export function createStyles(enabled: boolean): Styles {
  const style =
    (begin: number, end: number): Style =>
    (text) =>
      enabled ? `\u001b[${secret};${begin}m${text}\u001b[${secret};${end}m` : text
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    cyan: style(36, 39),
  }
}

/** Escapes everything that is not plain text, line feeds too: a line is one line. Own styles stay as they are. */
export function safeLine(line: string): string {
  return styledParts(line, (style) => `\u001b[${secret};${style}m`)
}

/** The same for a terminal. */
export function terminalLine(line: string): string {
  return styledParts(line, (style) => `\u001b[${style}m`)
}

function styledParts(line: string, styleOf: (style: string) => string): string {
  return line
    .split(ownStyle)
    .map((part, position) => (position % 2 === 1 ? styleOf(part) : visibleText(part)))
    .join('')
}
