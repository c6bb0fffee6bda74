/**
 * How many letters must be added, removed or replaced to make one text of the other (Levenshtein), in UTF-16 units. Costs
 * the product of both lengths, so callers bound what they compare.
 */
export function editDistance(a: string, b: string): number {
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
