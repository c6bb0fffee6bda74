/**
 * Timing for benchmarks on shared machines: sides take turns, and what counts is the median of ratios; of absolute times,
 * the least.
 */

/** Milliseconds that `work` takes. */
export function timed(work: () => unknown): number {
  const before = performance.now()
  work()
  return performance.now() - before
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[sorted.length >> 1]!
}

/** Least milliseconds each piece of work took; they take turns for so many milliseconds each, after warming up. */
export function best(milliseconds: number, works: readonly (() => void)[]): number[] {
  const least = works.map(() => Infinity)
  const warm = performance.now() + (milliseconds * works.length) / 3
  while (performance.now() < warm) for (const work of works) work()
  const end = performance.now() + milliseconds * works.length
  do for (const [i, work] of works.entries()) least[i] = Math.min(least[i]!, timed(work))
  while (performance.now() < end)
  return least
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
