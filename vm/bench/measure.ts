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

/** The kernel brings a thread's account up to date when the thread waits. */
const NOBODY = new Int32Array(new SharedArrayBuffer(4))

/** Milliseconds of the processor that this thread takes for `work`: others that run on the machine count little. */
export function processorTimed(work: () => unknown): number {
  const before = processorTime()
  work()
  return processorTime() - before
}

function processorTime(): number {
  Atomics.wait(NOBODY, 0, 0, 0.01)
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e3
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
