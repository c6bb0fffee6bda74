/**
 * The line of a contract and its bases, the most derived one first: C3, as in Solidity ("Multiple Inheritance and
 * Linearization") and Python, of bases that are written with the most basic one first.
 *
 * `D` of `[B, C]`, both of `A`: D, C, B, A.
 */

/** A line, or the two of which each would have to stand before the other. */
export type Line<T> = { readonly line: readonly T[] } | { readonly conflict: readonly [T, T] }

/** @param lines of each base, in the order in which they are written */
export function joinLines<T>(node: T, lines: readonly (readonly T[])[]): Line<T> {
  const bases = lines.map(([base]) => base as T)
  // The base that is written last is the most derived one.
  const open = [...lines.toReversed(), bases.toReversed()].map((line) => [...line])
  const line = [node]
  for (;;) {
    const left = open.filter((one) => one.length > 0)
    if (left.length === 0) return { line }
    const next = left.map(([first]) => first as T).find((first) => left.every((one) => one.indexOf(first) <= 0))
    if (next === undefined) return { conflict: conflictIn(left) }
    line.push(next)
    for (const one of open) if (one[0] === next) one.shift()
  }
}

/** The first of a line, which others put behind something, and what they want before it. */
function conflictIn<T>(left: readonly (readonly T[])[]): readonly [T, T] {
  const first = (left[0] as readonly T[])[0] as T
  const other = left.find((one) => one.indexOf(first) > 0) as readonly T[]
  return [first, other[0] as T]
}
