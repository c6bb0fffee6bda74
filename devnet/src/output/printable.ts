/** Text that somebody else chose, made safe to print: no escape sequences, no line breaks, no reversed directions. */

const mostCharacters = 80

export function printable(text: string, most: number = mostCharacters): string {
  const safe = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
  return safe.length <= most ? safe : `${safe.slice(0, most - 1)}…`
}
