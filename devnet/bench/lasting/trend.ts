/** How a figure goes on over time, when single samples jump. */
import { median } from '../../../vm/bench/measure.ts'

export interface Sample {
  /** Minutes. */
  readonly at: number
  readonly value: number
}

/**
 * Units a minute: the median of the slopes between all pairs of samples (Theil 1950, Sen 1968), which a heap that is
 * collected now and then does not bend. 0 of less than two samples.
 */
export function slopeOf(samples: readonly Sample[]): number {
  const slopes: number[] = []
  for (const [i, first] of samples.entries()) {
    for (const second of samples.slice(i + 1)) {
      if (second.at > first.at) slopes.push((second.value - first.value) / (second.at - first.at))
    }
  }
  return slopes.length === 0 ? 0 : median(slopes)
}
