/**
 * Simulated time: a heap of events, ordered by time and then by creation. Between two events every promise that can
 * settle does, so a run depends on the events alone.
 */
import type { Clock } from '../../src/runtime/clock.ts'

interface Event {
  readonly at: number
  readonly sequence: number
  task: (() => void) | null
}

export class Scheduler {
  #now = 0
  #sequence = 0
  readonly #heap: Event[] = []
  events = 0

  get now(): number {
    return this.#now
  }

  /** Returns the way to cancel. */
  after(milliseconds: number, task: () => void): () => void {
    const event: Event = { at: this.#now + Math.max(0, milliseconds), sequence: this.#sequence++, task }
    this.#push(event)
    return () => {
      event.task = null
    }
  }

  /** A clock that is `skew` milliseconds off and runs faster than true time by the fraction `drift`. */
  clock(skew = 0, drift = 0): Clock {
    const own = () => this.#now * (1 + drift)
    return {
      now: () => EPOCH + own() + skew,
      monotonic: own,
      after: (milliseconds, task) => this.after(milliseconds / (1 + drift), task),
    }
  }

  /** Runs until `done`, the time limit, or nothing is left. */
  async run(until: number, done: () => boolean): Promise<void> {
    for (;;) {
      await settled()
      if (done()) return
      const event = this.#pop()
      if (event === undefined) return
      if (event.at > until) {
        this.#push(event)
        this.#now = until
        return
      }
      if (event.task === null) continue
      this.#now = event.at
      this.events += 1
      event.task()
    }
  }

  #push(event: Event): void {
    const heap = this.#heap
    let index = heap.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(event, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = event
  }

  #pop(): Event | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, last)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
    return top
  }
}

/** 2026-01-01T00:00:00Z: where simulated time starts. */
export const EPOCH = 1_767_225_600_000

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
}

/** Every microtask runs before the next turn of the event loop, and nothing in a simulation waits for anything else. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
