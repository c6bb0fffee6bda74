/**
 * Which call goes to the worker next. The worker takes messages in the order they come and is busy with one at a time,
 * so what was posted cannot be overtaken: calls wait here instead, and only a bounded number is on its way.
 */
import { MAX_READS_IN_FLIGHT, MAX_SLOW_READS_IN_FLIGHT, MAX_WAITING_READS } from '../limits.ts'
import type { Lane } from './protocol.ts'

/** One call that waits: how to post it. */
type Post = () => void

const MOST_IN_FLIGHT: Readonly<Record<Lane, number>> = {
  consensus: 1,
  read: MAX_READS_IN_FLIGHT,
  slow: MAX_SLOW_READS_IN_FLIGHT,
}

export class CallQueue {
  readonly #waiting: Readonly<Record<Lane, Post[]>> = { consensus: [], read: [], slow: [] }
  readonly #inFlight: Record<Lane, number> = { consensus: 0, read: 0, slow: 0 }

  /** False when the lane is full; consensus calls are never refused, since their caller awaits each. */
  enqueue(lane: Lane, post: Post): boolean {
    const waiting = this.#waiting[lane]
    if (lane !== 'consensus' && waiting.length >= MAX_WAITING_READS) return false
    waiting.push(post)
    this.#pump()
    return true
  }

  /** A call of this lane was answered. */
  settled(lane: Lane): void {
    this.#inFlight[lane]--
    this.#pump()
  }

  #pump(): void {
    this.#postWhilePossible('consensus')
    // A consensus call that still waits follows the one in the worker; nothing may get between them.
    if (this.#waiting.consensus.length > 0) return
    this.#postWhilePossible('read')
    this.#postWhilePossible('slow')
  }

  #postWhilePossible(lane: Lane): void {
    while (this.#inFlight[lane] < MOST_IN_FLIGHT[lane]) {
      const post = this.#waiting[lane].shift()
      if (post === undefined) return
      this.#inFlight[lane]++
      post()
    }
  }
}
