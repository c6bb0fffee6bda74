/**
 * Ends connections from which nothing comes any more, as to a machine that lost its power: TCP says nothing of it for
 * many minutes. Whatever comes shows that a peer is there; pings (stack.ts) see to it that something does.
 */
import type { Clock } from '../../runtime/clock.ts'

/** Milliseconds between looks. */
export const LOOK_INTERVAL = 1_000
/**
 * Looks in a row without a whole message of noise. Looks are counted and not time: while this process did not run, nobody
 * listened, and it would take its own silence for that of all its peers.
 */
export const SILENT_LOOKS = 15

export interface SilenceWatchOptions {
  readonly clock: Clock
  /** Ends connections from which nothing came since so many looks; this is one. */
  endSilent(looks: number): void
}

export class SilenceWatch {
  readonly #options: SilenceWatchOptions
  #cancel: () => void = () => undefined

  constructor(options: SilenceWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#cancel = this.#options.clock.after(LOOK_INTERVAL, () => {
      this.#options.endSilent(SILENT_LOOKS)
      this.start()
    })
  }

  stop(): void {
    this.#cancel()
  }
}
