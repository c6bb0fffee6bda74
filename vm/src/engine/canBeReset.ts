/** Whether a used instance can be made as new: what engines that keep instances may keep, and what starting one costs. */
import { type Module, WORDS } from '../binary/module.ts'
import { OP } from '../binary/opcodes.ts'

/** Instructions that change tables or use segments up, which cannot be undone from outside. */
const LASTING: ReadonlySet<number> = new Set([
  OP['table.set'],
  OP['data.drop'],
  OP['table.init'],
  OP['elem.drop'],
  OP['table.copy'],
  OP['table.grow'],
  OP['table.fill'],
])

/** Memories above it are cheaper to make anew than to clear. */
export const MAX_POOLED_PAGES = 32

export function canBeReset(module: Module): boolean {
  if (module.imports.some(({ description: { kind } }) => kind === 'table' || kind === 'global')) return false
  for (const { code } of module.bodies) {
    for (let at = 0; at < code.count * WORDS; at += WORDS) if (LASTING.has(code.words[at]!)) return false
  }
  return true
}
