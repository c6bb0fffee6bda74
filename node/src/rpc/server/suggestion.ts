/** The name a caller most likely meant. */

/** Names further away than this are no suggestion. */
const MAX_DISTANCE = 4
/** Longer input is not compared: the distance costs the product of both lengths. */
const MAX_NAME_LENGTH = 64

export function closestName(wanted: string, names: Iterable<string>): string | undefined {
  if (wanted.length > MAX_NAME_LENGTH) return undefined
  const lower = wanted.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.min(MAX_DISTANCE, wanted.length >> 1) + 1
  for (const name of names) {
    const distance = editDistance(lower, name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein's, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const substitution = row[j]! + (a.charCodeAt(i) === b.charCodeAt(j) ? 0 : 1)
      next.push(Math.min(substitution, row[j + 1]! + 1, next[j]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
