import { editDistance } from '@touchstone/vm/edit-distance'

/**
 * The candidate closest to a mistyped word, or null when none is close (Levenshtein distance at most 2, or 40 %, and
 * something is left of the word). The case of letters decides only between candidates that are equally near without it.
 */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const limit = Math.min(word.length - 1, Math.max(2, Math.floor(word.length * 0.4)))
  let best: string | null = null
  let least = limit + 1
  let leastWithCase = 0
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance > least || distance > limit) continue
    const withCase = editDistance(word, candidate)
    if (distance === least && withCase >= leastWithCase) continue
    best = candidate
    least = distance
    leastWithCase = withCase
  }
  return best
}
