/** Words and numbers that the judgements by other chains' rules share. */
import { printable } from '../output/printable.ts'

const MOST_LISTED = 5

/** 0 for none. */
export function greatest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}

/** Names of a module, each once and no more than a few. */
export function listed(names: readonly string[]): string {
  const shown = [...new Set(names)].map((name) => printable(name, 80))
  const rest = shown.length - MOST_LISTED
  return shown.slice(0, MOST_LISTED).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
