/** Times without a block while somebody waits for one, and how much of them nobody could have seen one. */

export interface Gap {
  /** Milliseconds in which somebody waited and no block was seen. */
  readonly length: number
  /** The longest part of it in which no node answered: there may have been blocks that nobody saw. Milliseconds. */
  readonly unseen: number
}

const NO_GAP: Gap = { length: 0, unseen: 0 }

/** Times are milliseconds of one clock; `since` is when the first of those who wait began to, null when nobody does. */
export class Gaps {
  #longest = NO_GAP
  #longestNow = NO_GAP
  #lastBlock: number | null = null
  #lastAnswer = 0
  /** The longest silence between two answers since the last block. */
  #unseen = 0

  get longest(): Gap {
    return this.#longest
  }

  /** Since {@link beginNow}. */
  get longestNow(): Gap {
    return this.#longestNow
  }

  /** From now on gaps count. */
  begin(): void {
    this.#longest = NO_GAP
    this.beginNow()
  }

  beginNow(): void {
    this.#longestNow = NO_GAP
  }

  /** A node told its height. */
  answered(now: number, isNewBlock: boolean, since: number | null): void {
    this.look(now, since)
    const began = this.#beganAt(since)
    this.#unseen = began === null || isNewBlock ? 0 : this.#silence(now, began)
    this.#lastAnswer = now
    if (isNewBlock) this.#lastBlock = now
  }

  look(now: number, since: number | null): void {
    const began = this.#beganAt(since)
    if (began === null) return
    const gap = { length: now - began, unseen: this.#silence(now, began) }
    if (gap.length > this.#longest.length) this.#longest = gap
    if (gap.length > this.#longestNow.length) this.#longestNow = gap
  }

  #beganAt(since: number | null): number | null {
    return since === null || this.#lastBlock === null ? null : Math.max(since, this.#lastBlock)
  }

  #silence(now: number, began: number): number {
    return Math.max(this.#unseen, now - Math.max(began, this.#lastAnswer))
  }
}
