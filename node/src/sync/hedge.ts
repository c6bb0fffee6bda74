/**
 * One question put to several peers until somebody answers it well.
 *
 * The node never waits for a silent or slow peer: each time the patience is over, it asks as many more peers as it has
 * asked already. So any number of silent peers costs its logarithm in waiting, and an honest network that answers in
 * time is asked once. Two others take the place of a peer that gives nothing, at once.
 */
import type { Clock } from '../runtime/clock.ts'

export interface HedgeOptions<T> {
  readonly clock: Clock
  /** Peers asked at once when it begins. */
  readonly first: number
  /** Milliseconds, each time. */
  patience(): number
  /** Whom to ask next, of those that were not asked yet; undefined when there is nobody now. */
  pick(asked: ReadonlySet<string>): string | undefined
  /**
   * `nth` counts from 0. Null when the peer did not give it; the peer has been judged for it by then. Gives up when
   * the signal says so. Rejects only for what is a fault of this node.
   */
  ask(peer: string, signal: AbortSignal, nth: number): Promise<T | null>
  /** It has not answered within the patience, so others are asked; its answer still counts when it comes. */
  onLate?(peer: string, waited: number): void
}

interface Asked {
  readonly since: number
  late: boolean
}

export class Hedge<T> {
  readonly #options: HedgeOptions<T>
  readonly #asked = new Set<string>()
  readonly #running = new Map<string, Asked>()
  readonly #answers: T[] = []
  /** Ends all that is under way. */
  readonly #end = new AbortController()
  #failure: { readonly error: unknown } | null = null
  #wake: () => void = () => undefined
  #cancelTimer: (() => void) | null = null

  constructor(options: HedgeOptions<T>) {
    this.#options = options
    this.widen(options.first)
  }

  /** The answer that `next` will give, when it is here. */
  get front(): T | undefined {
    return this.#answers[0]
  }

  /**
   * The next answer, in the order in which they come; null when everybody was asked and nobody is left who may answer, and
   * after the end. @throws what `ask` does.
   */
  async next(): Promise<T | null> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure.error
      const answer = this.#answers.shift()
      if (answer !== undefined) return answer
      if (this.#end.signal.aborted) return null
      if (this.#running.size === 0) this.widen(this.#options.first)
      if (this.#running.size === 0) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Asks so many more, if there are. */
  widen(count: number): void {
    const { clock, pick } = this.#options
    for (let added = 0; added < count && !this.#end.signal.aborted; added++) {
      const peer = pick(this.#asked)
      if (peer === undefined) break
      const asked: Asked = { since: clock.monotonic(), late: false }
      const nth = this.#asked.size
      this.#asked.add(peer)
      this.#running.set(peer, asked)
      this.#askPeer(peer, nth)
    }
    this.#startTimer()
  }

  /** Somebody may be asked who could not be before: at once, when all that are being asked are late. */
  poke(): void {
    if ([...this.#running.values()].every(({ late }) => late)) this.widen(1)
  }

  /** Makes it so many that have been asked. */
  ensure(count: number): void {
    this.widen(count - this.#asked.size)
  }

  /** An answer that came another way. */
  offer(answer: T): void {
    this.#answers.push(answer)
    this.#wake()
  }

  /** As many more as have been asked. */
  double(): void {
    this.widen(Math.max(1, this.#asked.size))
  }

  /** Nobody is asked any more, and who is being asked is told so. */
  end(): void {
    this.#cancelTimer?.()
    this.#end.abort()
    this.#running.clear()
    this.#wake()
  }

  #askPeer(peer: string, nth: number): void {
    const done = () => {
      this.#running.delete(peer)
      this.#wake()
    }
    this.#options.ask(peer, this.#end.signal, nth).then(
      (answer) => {
        if (this.#end.signal.aborted) return
        if (answer !== null) this.#answers.push(answer)
        else this.widen(2)
        done()
      },
      (error: unknown) => {
        this.#failure ??= { error }
        done()
      },
    )
  }

  /** One at a time, no matter which peers are asked meanwhile: refusals that come one by one do not put it off. */
  #startTimer(): void {
    if (this.#cancelTimer !== null || this.#running.size === 0 || this.#end.signal.aborted) return
    const { clock, patience, onLate } = this.#options
    const allowed = patience()
    this.#cancelTimer = clock.after(allowed, () => {
      this.#cancelTimer = null
      const now = clock.monotonic()
      for (const [peer, asked] of this.#running) {
        if (asked.late || now - asked.since < allowed) continue
        asked.late = true
        onLate?.(peer, now - asked.since)
      }
      this.double()
    })
  }
}
