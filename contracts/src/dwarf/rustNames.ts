/**
 * Names of functions of Rust as their authors wrote them. Of the older mangling those that are plain paths are read, of the
 * newer one all but pointers to functions and objects of traits; others are left as they are.
 */
import { demangledV0 } from './rustV0.ts'

/** The older mangling: `_ZN`, parts with their lengths before them, of which the last is `h` and a hash, `E`. */
const LEGACY = /^_ZN([\w$.]+)E(?:\.llvm\.\d+)?$/
const HASH = /^h[0-9a-f]{16}$/
const MAX_PARTS = 64

export function demangled(name: string): string {
  const legacy = LEGACY.exec(name)?.[1]
  return (legacy === undefined ? demangledV0(name) : legacyParts(legacy)?.join('::')) ?? name
}

function legacyParts(text: string): string[] | null {
  const parts: string[] = []
  for (let at = 0; at < text.length; ) {
    const digits = /^\d{1,4}/.exec(text.slice(at, at + 4))?.[0]
    if (digits === undefined) return null
    const begin = at + digits.length
    at = begin + Number(digits)
    if (at > text.length || parts.length >= MAX_PARTS) return null
    parts.push(text.slice(begin, at))
  }
  // Escapes stand for types in it.
  if (parts.some((part) => part.includes('$'))) return null
  return parts.filter((part, i) => i < parts.length - 1 || !HASH.test(part))
}
