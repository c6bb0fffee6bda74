/**
 * Time for benchmarks on a machine that others use too: short pieces of work, taken in turns, and the least of several
 * rounds of each. A disturbance only makes a round longer, so the least is nearest to the truth.
 */

/** From here on the processor time of the thread, which many machines count in steps of 4 ms, says more than the clock. */
const LONG = 20_000_000

/** Nanoseconds that `work` takes; the processor time of this thread when that is long. */
export function nanosecondsOf(work: () => unknown): number {
  const processor = process.threadCpuUsage()
  const before = process.hrtime.bigint()
  work()
  const elapsed = Number(process.hrtime.bigint() - before)
  if (elapsed < LONG) return elapsed
  const { user, system } = process.threadCpuUsage(processor)
  return (user + system) * 1_000
}

/**
 * Nanoseconds of processor time of all threads, for work of a tenth of a second or more that the database's own threads
 * share in. It may count in steps of some milliseconds.
 */
export async function processorNanosecondsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) * 1_000
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
