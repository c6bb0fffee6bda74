/**
 * Stretches of names of locals, joined. Where a variable is declared, and behind each branch, the names of all variables of
 * a function end at once and begin again: of n variables n times n stretches, where n that go on and n gaps say the same.
 */

/** Positions of a function, the last one included. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

export interface NamedStretch<Variable> extends Stretch {
  readonly local: number
  readonly variable: Variable
}

/** A local that is a variable, in stretches that do not touch. */
interface Name<Variable> {
  readonly variable: Variable
  readonly local: number
  readonly stretches: readonly Stretch[]
}

interface Joined<Variable> {
  readonly names: readonly Name<Variable>[]
  /** There none of them holds. */
  readonly gaps: readonly Stretch[]
}

interface OpenName<Variable> extends Name<Variable> {
  readonly stretches: { readonly from: number; to: number }[]
}

/**
 * Stretches of one local and variable become one where there is nothing between them, or positions at which there is no
 * stretch at all.
 *
 * @param stretches in order of `from`; those of one local and variable do not overlap
 * @param count of the function's positions
 */
export function joinedOverGaps<Variable>(
  stretches: readonly NamedStretch<Variable>[],
  count: number,
): Joined<Variable> {
  const namedBefore = countNamed(stretches, count)
  const names: OpenName<Variable>[] = []
  const byVariable = new Map<Variable, Map<number, OpenName<Variable>>>()
  for (const { local, variable, from, to } of stretches) {
    const byLocal = byVariable.get(variable) ?? new Map<number, OpenName<Variable>>()
    byVariable.set(variable, byLocal)
    const name = byLocal.get(local) ?? { variable, local, stretches: [] }
    if (!byLocal.has(local)) names.push(name)
    byLocal.set(local, name)
    const before = name.stretches.at(-1)
    if (before !== undefined && namedBefore[before.to + 1] === namedBefore[from]) before.to = to
    else name.stretches.push({ from, to })
  }
  const joined = names.flatMap((name) => name.stretches)
  return { names, gaps: gapsIn(countNamed(joined, count), namedBefore) }
}

/** By position, and one more for the end: at how many positions before it there is a stretch. */
function countNamed(stretches: readonly Stretch[], count: number): Int32Array {
  const named = new Int32Array(count + 1)
  for (const { from, to } of stretches) {
    named[from]! += 1
    named[to + 1]! -= 1
  }
  let [open, sum] = [0, 0]
  for (let position = 0; position <= count; position++) {
    open += named[position]!
    named[position] = sum
    if (open > 0) sum++
  }
  return named
}

/** Where there is a joined stretch, and was none before: both as {@link countNamed} counts. */
function gapsIn(joinedBefore: Int32Array, namedBefore: Int32Array): Stretch[] {
  const gaps: { readonly from: number; to: number }[] = []
  for (let at = 0; at + 1 < joinedBefore.length; at++) {
    const isGap = joinedBefore[at] !== joinedBefore[at + 1] && namedBefore[at] === namedBefore[at + 1]
    if (!isGap) continue
    const before = gaps.at(-1)
    if (before?.to === at - 1) before.to = at
    else gaps.push({ from: at, to: at })
  }
  return gaps
}
