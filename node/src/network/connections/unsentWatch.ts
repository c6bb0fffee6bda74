/** Peers that do not read may make this node hold so much for them together; at it, the one that most waits for has to go. */
import type { Clock } from '../../runtime/clock.ts'

/** Milliseconds between looks at what waits for strangers to read. */
const UNSENT_INTERVAL = 250

export interface UnsentWatchOptions {
  readonly clock: Clock
  /** Bytes for all strangers together. */
  readonly limit: number
  /** What waits to be read, by peer. Named peers are not among them. */
  unsent(): readonly { readonly peer: string; readonly bytes: number }[]
  /** It may be honest and slow, so this is no fault. */
  onTooSlow(peer: string, reason: string): void
}

export class UnsentWatch {
  readonly #options: UnsentWatchOptions
  #cancel: () => void = () => undefined

  constructor(options: UnsentWatchOptions) {
    this.#options = options
  }

  start(): void {
    const { clock, limit, unsent, onTooSlow } = this.#options
    this.#cancel = clock.after(UNSENT_INTERVAL, () => {
      const waiting = unsent()
      if (waiting.reduce((sum, { bytes }) => sum + bytes, 0) > limit) {
        const { peer } = waiting.reduce((most, one) => (one.bytes > most.bytes ? one : most))
        onTooSlow(peer, `reads too slowly: over ${limit} bytes wait for all peers`)
      }
      this.start()
    })
  }

  stop(): void {
    this.#cancel()
  }
}
