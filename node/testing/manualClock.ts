/** Time for tests: it stands still until a test moves it. */
import type { Clock } from '../src/runtime/clock.ts'

export interface ManualClock extends Clock {
  /** Runs what is due, in the order of its time, letting promises settle before and after each. */
  advance(milliseconds: number): Promise<void>
  /** Runs what is due at once, as {@link advance} does, but lets no promise settle. */
  jump(milliseconds: number): void
  /** How many tasks wait for their time. */
  readonly waiting: number
}

/** `epoch` is what `now` says at first; `monotonic` begins at 0. */
export function manualClock(epoch = 1_700_000_000_000): ManualClock {
  let elapsed = 0
  let order = 0
  const tasks = new Map<number, { readonly at: number; readonly task: () => void }>()
  // Everything that waits for promises only is done when the event loop comes round.
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  /** Runs the next task that is due by `end`; false when there is none. */
  const runNext = (end: number): boolean => {
    let next: { readonly id: number; readonly at: number; readonly task: () => void } | undefined
    // Ascending by id, so of equal times the one that was set first.
    for (const [id, { at, task }] of tasks)
      if (at <= end && (next === undefined || at < next.at)) next = { id, at, task }
    if (next === undefined) return false
    tasks.delete(next.id)
    elapsed = Math.max(elapsed, next.at)
    next.task()
    return true
  }
  return {
    now: () => epoch + elapsed,
    monotonic: () => elapsed,
    after(milliseconds, task) {
      const id = order++
      tasks.set(id, { at: elapsed + milliseconds, task })
      return () => tasks.delete(id)
    },
    async advance(milliseconds) {
      const end = elapsed + milliseconds
      await settle()
      while (runNext(end)) await settle()
      elapsed = end
    },
    jump(milliseconds) {
      const end = elapsed + milliseconds
      while (runNext(end));
      elapsed = end
    },
    get waiting() {
      return tasks.size
    },
  }
}
