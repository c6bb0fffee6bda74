/**
 * The rate at which peers are heard that are named at start and have misbehaved: they are not hung up on, as others may
 * need what they pass on. Their messages wait their turn, before it is hashed or judged; kept streams with too much waiting
 * are not read, so a flood stays in its sender's buffers. Each kind of frame has a rate of its own: transactions do not
 * hold up votes.
 */

import { Quota } from '../../bounds/quota.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { NetworkLimits } from '../limits.ts'

export interface ThrottleOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  isThrottled(peer: string): boolean
}

/** Kinds of frames with a rate of their own; all others share one. */
export type ThrottledKind = 'tx' | 'block' | 'consensus' | 'control'

export class Throttle {
  readonly #options: ThrottleOptions
  /** By peer and kind. Never forgotten, as a peer would have to come back for another burst; there are few named peers. */
  readonly #quotas = new Map<string, Quota>()
  readonly #waiting = new Map<() => void, () => void>()
  #stopped = false

  constructor(options: ThrottleOptions) {
    this.#options = options
  }

  /** Resolves when it is the frame's turn, in the order of asking; null when that is at once. */
  turn(peer: string, kind: ThrottledKind, bytes: number): Promise<void> | null {
    const { clock, limits, isThrottled } = this.#options
    if (this.#stopped || !isThrottled(peer)) return null
    const now = clock.monotonic()
    const key = `${peer} ${kind}`
    let quota = this.#quotas.get(key)
    if (quota === undefined) {
      quota = new Quota(limits.throttledPerSecond, limits.throttledBurst, now)
      this.#quotas.set(key, quota)
    }
    const wait = quota.reserve(now, 1 + Math.floor(bytes / limits.throttledUnitBytes))
    if (wait === 0) return null
    return new Promise((resolve) => {
      const cancel = clock.after(wait, () => {
        this.#waiting.delete(resolve)
        resolve()
      })
      this.#waiting.set(resolve, cancel)
    })
  }

  /** All that wait go on: nothing is judged any more. */
  stop(): void {
    this.#stopped = true
    for (const [resolve, cancel] of this.#waiting) {
      cancel()
      resolve()
    }
    this.#waiting.clear()
  }
}
