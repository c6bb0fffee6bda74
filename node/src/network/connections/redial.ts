/**
 * Keeps the connections to the peers named at start: dials each, and dials again when it is lost, with a pause that
 * doubles up to a bound. Each peer has its own loop, so an unreachable one delays nobody.
 */
import type { Clock } from '../../runtime/clock.ts'

export interface RedialOptions {
  readonly clock: Clock
  readonly minPause: number
  readonly maxPause: number
  readonly targets: readonly string[]
  /** Resolves when connected (or already connected). */
  dial(target: string): Promise<void>
  onFailure(target: string, attempt: number, error: unknown): void
}

export class Redial {
  readonly #options: RedialOptions
  /** `running`: the dial under way, which never rejects. */
  readonly #loops = new Map<string, { attempt: number; running: Promise<void> | null; cancel: () => void }>()
  #stopped = false

  constructor(options: RedialOptions) {
    this.#options = options
    for (const target of options.targets)
      this.#loops.set(target, { attempt: 0, running: null, cancel: () => undefined })
  }

  start(): void {
    for (const target of this.#loops.keys()) this.#try(target)
  }

  stop(): void {
    this.#stopped = true
    for (const loop of this.#loops.values()) loop.cancel()
  }

  /** The connection was lost: dial at once, then with pauses. */
  lost(target: string): void {
    const loop = this.#loops.get(target)
    if (loop === undefined || loop.running !== null) return
    loop.cancel()
    this.#try(target)
  }

  /**
   * The addresses have changed: whoever waits for the next try is dialled now. Resolves when the dials that were under way
   * have ended, well or not.
   */
  async again(): Promise<void> {
    const underWay = [...this.#loops.values()].map(({ running }) => running)
    for (const [target, loop] of this.#loops) {
      loop.attempt = 0
      loop.cancel()
      this.#try(target)
    }
    await Promise.all(underWay)
  }

  /** The peer is connected, by either one's dial: the next loss starts with the shortest pause. */
  connected(target: string): void {
    const loop = this.#loops.get(target)
    if (loop === undefined) return
    loop.attempt = 0
    loop.cancel()
  }

  #try(target: string): void {
    const loop = this.#loops.get(target)
    if (this.#stopped || loop === undefined || loop.running !== null) return
    loop.attempt++
    loop.running = this.#options
      .dial(target)
      .catch((error: unknown) => {
        if (this.#stopped) return
        this.#options.onFailure(target, loop.attempt, error)
        loop.cancel()
        loop.cancel = this.#options.clock.after(this.#pause(loop.attempt), () => this.#try(target))
      })
      .finally(() => {
        loop.running = null
      })
  }

  #pause(attempt: number): number {
    return Math.min(this.#options.maxPause, this.#options.minPause * 2 ** Math.min(attempt - 1, 16))
  }
}
