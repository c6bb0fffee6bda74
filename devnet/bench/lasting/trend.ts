/** How a figure goes on over time, when single samples jump. */
import { median } from '../../../vm/bench/measure.ts'

export interface Sample {
  /** Minutes. */
  readonly at: number
  readonly value: number
}

/**
 * Units a minute: the median of the slopes between all pairs of samples (Theil 1950, Sen 1968), which a heap that is
 * collected now and then does not bend. Null of less than two samples: nothing is known.
 */
export function slopeOf(samples: readonly Sample[]): number | null {
  const slopes: number[] = []
  for (const [i, first] of samples.entries()) {
    for (const second of samples.slice(i + 1)) {
      if (second.at > first.at) slopes.push((second.value - first.value) / (second.at - first.at))
    }
  }
  return slopes.length === 0 ? null : median(slopes)
}

/** How long a chain stood without a new block, by looks at its height. */
export class LongestStand {
  #height: unknown = undefined
  #since: number
  #longest = 0

  /** Times are milliseconds. */
  constructor(now: number) {
    this.#since = now
  }

  get milliseconds(): number {
    return this.#longest
  }

  /** `height`: undefined when the node does not answer, which is no new block. */
  look(height: unknown, now: number): void {
    this.#longest = Math.max(this.#longest, now - this.#since)
    if (height === undefined || height === this.#height) return
    this.#height = height
    this.#since = now
  }
}
