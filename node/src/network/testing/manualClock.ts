/** Time for tests: it stands still until it is moved. */
import type { Clock } from '../../runtime/clock.ts'

export interface ManualClock extends Clock {
  /** Runs what is due, in the order of its time, letting promises settle after each. */
  advance(milliseconds: number): Promise<void>
}

export function manualClock(): ManualClock {
  let now = 0
  let order = 0
  const due = new Map<number, { readonly at: number; readonly task: () => void }>()
  // Everything that waits for promises only is done when the event loop comes round.
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    now: () => 1_700_000_000_000 + now,
    monotonic: () => now,
    after(milliseconds, task) {
      const id = order++
      due.set(id, { at: now + milliseconds, task })
      return () => due.delete(id)
    },
    async advance(milliseconds) {
      const end = now + milliseconds
      await settle()
      for (;;) {
        let next: { readonly id: number; readonly at: number; readonly task: () => void } | undefined
        // Ascending by id, so of equal times the one that was set first.
        for (const [id, { at, task }] of due)
          if (at <= end && (next === undefined || at < next.at)) next = { id, at, task }
        if (next === undefined) break
        due.delete(next.id)
        now = Math.max(now, next.at)
        next.task()
        await settle()
      }
      now = end
    },
  }
}

/** Deterministic pseudo-random numbers for fuzz tests (xorshift32); `below` gives 0 to limit - 1. */
export function seededRandom(seed: number): { below(limit: number): number; bytes(length: number): Uint8Array } {
  let state = seed | 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  return {
    below: (limit) => next() % limit,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  }
}
