/** Changes to a source text that leave every line where it was, so that the compiler's messages name the author's lines. */

export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Applies edits that do not overlap; insertions at one place keep their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = edits
    .map((edit, order) => ({ ...edit, order }))
    .sort((a, b) => a.start - b.start || a.order - b.order)
  let result = ''
  let at = 0
  for (const { start, end, text: replacement } of ordered) {
    if (start < at) throw new Error(`overlapping edits at ${start}`)
    const replaced = text.slice(start, end)
    const lost = replaced.split('\n').length - replacement.split('\n').length
    if (lost < 0) throw new Error(`an edit at ${start} adds lines`)
    result += text.slice(at, start) + replacement + '\n'.repeat(lost)
    at = end
  }
  return result + text.slice(at)
}

/** The place behind a sign that comes next after `at`, or after white space and comments; `at` where another thing does. */
export function endOf(sign: string, text: string, at: number): number {
  const next = /(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*/y
  next.lastIndex = at
  next.exec(text)
  return text.startsWith(sign, next.lastIndex) ? next.lastIndex + sign.length : at
}
