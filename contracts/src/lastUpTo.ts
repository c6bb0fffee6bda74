/**
 * The last of `rows`, which are in order of `numberOf`, whose number is not above `number`; undefined where there is none.
 */
export function lastUpTo<T>(rows: readonly T[], number: number, numberOf: (row: T) => number): T | undefined {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numberOf(rows[middle]!) <= number) low = middle + 1
    else high = middle
  }
  return rows[low - 1]
}
