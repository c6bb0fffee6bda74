/**
 * The bytes that peers make this node hold in buffers of libp2p, which asks nobody: bytes that they do not read, and
 * bytes that came on streams which this node does not read for the moment. When all strangers together have too much of
 * one kind, who has had the most for the longest has to go.
 */
import type { Clock } from '../../runtime/clock.ts'

/** Milliseconds between looks. */
const INTERVAL = 250
/** The weight of the bytes held a look ago against those held now: two seconds back, half. */
const MEMORY = 11 / 12

export interface HeldWatchOptions {
  readonly clock: Clock
  /** Bytes of all strangers together. */
  readonly limit: number
  /** The bytes held now, by peer, in any number of parts. Named peers are not among them. */
  held(): readonly { readonly peer: string; readonly bytes: number }[]
  /** It may be honest and slow, so this is no fault. */
  onWorst(peer: string): void
}

export class HeldWatch {
  readonly #options: HeldWatchOptions
  /** By peer: bytes, those of earlier looks too, less of each the longer ago it was. */
  #weights = new Map<string, number>()
  #cancel: () => void = () => undefined

  constructor(options: HeldWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#cancel = this.#options.clock.after(INTERVAL, () => {
      this.#look()
      this.start()
    })
  }

  stop(): void {
    this.#cancel()
  }

  #look(): void {
    const { limit, held, onWorst } = this.#options
    const weights = new Map<string, number>()
    let sum = 0
    for (const { peer, bytes } of held()) {
      if (bytes === 0) continue
      sum += bytes
      weights.set(peer, (weights.get(peer) ?? MEMORY * (this.#weights.get(peer) ?? 0)) + bytes)
    }
    this.#weights = weights
    if (sum <= limit) return
    const [worst] = [...weights].reduce((most, one) => (one[1] > most[1] ? one : most))
    onWorst(worst)
  }
}
