/** Functions of a module whose code is the same: an optimiser makes one of them. */
import { decode } from '../binary/decode.ts'
import { type Module, WORDS } from '../binary/module.ts'
import { OP } from '../binary/opcodes.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'

/** Where the words of an instruction say where it stands. */
const OFFSET_WORD = 1
const IMMEDIATE_WORD = 2

/**
 * Of each function that is like one before it the index of the first such: of the same type, with the same instructions,
 * calls of functions that are alike counted as the same.
 *
 * @throws ValidationError when it is no module, or beyond the limits
 */
export function functionsAlike(bytes: Uint8Array, limits: Limits = DEFAULT_LIMITS): ReadonlyMap<number, number> {
  const module = decode(bytes, { floats: 'trap', limits })
  const alike = new Map<number, number>()
  for (;;) {
    const before = alike.size
    const firsts = new Map<string, number>()
    for (let i = 0; i < module.bodies.length; i++) {
      const index = module.importedFunctions + i
      if (alike.has(index)) continue
      const text = textOf(module, i, alike)
      const first = firsts.get(text)
      if (first === undefined) firsts.set(text, index)
      else alike.set(index, first)
    }
    if (alike.size === before) return alike
    // One that others were like may be like an earlier one by now.
    for (const [index, first] of alike) alike.set(index, alike.get(first) ?? first)
  }
}

function textOf(module: Module, body: number, alike: ReadonlyMap<number, number>): string {
  const { code, locals } = module.bodies[body]!
  const words = code.words.slice(0, code.count * WORDS)
  for (let at = 0; at < words.length; at += WORDS) {
    words[at + OFFSET_WORD] = 0
    const called = words[at + IMMEDIATE_WORD]!
    if (words[at] === OP.call) words[at + IMMEDIATE_WORD] = alike.get(called) ?? called
  }
  return `${module.functionTypes[module.importedFunctions + body]} ${locals} ${words} ${code.labels}`
}
