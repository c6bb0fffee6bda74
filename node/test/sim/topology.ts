/** Who is whose neighbour where not everybody is everybody's. */
import type { Random } from '@touchstone/vm/testing/random'

/** Correct nodes a Byzantine one is a neighbour of. */
const BYZANTINE_LINKS = 2

/**
 * A ring of the correct nodes (a line, if they are three: most pairs must not be neighbours), with a chord for every third,
 * so that no message needs many hops. Byzantine ones hang on it at a few places; the correct ones need none of them to hear
 * of each other, and cannot be heard by all but through each other.
 */
export function ringWithChords(
  random: Random,
  correct: readonly string[],
  byzantine: readonly string[],
): (a: string, b: string) => boolean {
  const edges = new Set<string>()
  const join = (a: string, b: string) => edges.add(edgeOf(a, b))
  const ring = shuffled(random, correct)
  for (const [index, id] of ring.entries()) {
    const closes = index === ring.length - 1
    if (!closes || ring.length > 3) join(id, ring[(index + 1) % ring.length]!)
    if (ring.length > 5 && index % 3 === 0) join(id, ring[(index + Math.floor(ring.length / 2)) % ring.length]!)
  }
  for (const id of byzantine) {
    for (const other of shuffled(random, correct).slice(0, BYZANTINE_LINKS)) join(id, other)
    for (const other of byzantine) if (other !== id) join(id, other)
  }
  return (a, b) => edges.has(edgeOf(a, b))
}

function edgeOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items]
  for (let at = result.length - 1; at > 0; at--) {
    const other = random.below(at + 1)
    const kept = result[at]!
    result[at] = result[other]!
    result[other] = kept
  }
  return result
}
