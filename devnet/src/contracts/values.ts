/** Decoded Solidity values as people read them. */
import { printable, visibleJson } from '../output/printable.ts'

/** UTF-16 units of a value among others, such as an argument of an event; `--json` has all of it. */
const mostShown = 1_000

export function formatValue(value: unknown): string {
  if (typeof value === 'string') return /^0x[0-9a-f]*$/i.test(value) ? value : visibleJson(JSON.stringify(value))
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, field]) => `${printable(name)}: ${formatValue(field)}`)
      .join(', ')}}`
  }
  return String(value)
}

/** The arguments of an error or an event: `1, "two"`. */
export function formatList(values: readonly unknown[]): string {
  return values.map((value) => printable(formatValue(value), mostShown)).join(', ')
}

/** The same with names: `by: 0x…, number: 41`. */
export function formatFields(fields: readonly (readonly [string, unknown])[]): string {
  return fields.map(([name, value]) => `${printable(name)}: ${printable(formatValue(value), mostShown)}`).join(', ')
}

/** 1234567 as 1,234,567, the same on every locale. */
export function groupDigits(value: bigint | number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',')
}
