/** Whether a used instance can be made as new: what engines that keep instances may keep, and what starting one costs. */
import { LASTING } from '../binary/lastingInstructions.ts'
import { type Module, WORDS } from '../binary/module.ts'

/** Memories above it are cheaper to make anew than to clear. */
export const MAX_POOLED_PAGES = 32

export function canBeReset(module: Module): boolean {
  if (module.imports.some(({ description: { kind } }) => kind === 'table' || kind === 'global')) return false
  for (const { code } of module.bodies) {
    for (let at = 0; at < code.count * WORDS; at += WORDS) if (LASTING.has(code.words[at]!)) return false
  }
  return true
}
