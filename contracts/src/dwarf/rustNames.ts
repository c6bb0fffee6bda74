/** Names of functions of Rust as their authors wrote them, where they are plain paths; others are left as they are. */

/** The older mangling: `_ZN`, parts with their lengths before them, of which the last is `h` and a hash, `E`. */
const LEGACY = /^_ZN([\w$.]+)E(?:\.llvm\.\d+)?$/
const HASH = /^h[0-9a-f]{16}$/
/** Identifiers of the newer one (RFC 2603) begin with a number that tells them from others, and their length. */
const IDENTIFIER = /(?:s[0-9a-zA-Z]*_)?u?(\d{1,4})_?/y
const MAX_PARTS = 64

export function demangled(name: string): string {
  const legacy = LEGACY.exec(name)?.[1]
  const parts = legacy === undefined ? (name.startsWith('_R') ? pathAt(name, 2) : null) : legacyParts(legacy)
  return parts === null ? name : parts.join('::')
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

/** `N`, what kind of name it is, the path before it, an identifier; `C` and an identifier is a crate. */
function pathAt(name: string, from: number): string[] | null {
  let at = from
  let names = 0
  while (name[at] === 'N' && names < MAX_PARTS) {
    at += 2
    names++
  }
  if (name[at] !== 'C') return null
  at++
  const parts: string[] = []
  for (let left = names + 1; left > 0; left--) {
    IDENTIFIER.lastIndex = at
    const found = IDENTIFIER.exec(name)
    if (found === null) return null
    at = IDENTIFIER.lastIndex
    const end = at + Number(found[1])
    if (end > name.length) return null
    parts.push(name.slice(at, end))
    at = end
  }
  return parts
}
