import type { Clock } from '../../runtime/clock.ts'

/** For tests: a clock that stands until it is moved. */
export class TestClock implements Clock {
  #now = 0
  readonly #tasks = new Set<{ readonly at: number; readonly run: () => void }>()
  now = () => this.#now
  monotonic = () => this.#now
  after(milliseconds: number, run: () => void): () => void {
    const task = { at: this.#now + milliseconds, run }
    this.#tasks.add(task)
    return () => this.#tasks.delete(task)
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds
    const due = [...this.#tasks].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at)
    for (const task of due) if (this.#tasks.delete(task)) task.run()
  }
  get tasks(): number {
    return this.#tasks.size
  }
}
