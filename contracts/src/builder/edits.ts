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
