/** Senders short of funds, of whom so many may have been made that reading all at each block would hold the chain up. */
import { SHORT_SENDERS_READ } from './limits.ts'
import type { SenderQueue } from './senderQueue.ts'

export class ShortSenders {
  #turn = 0

  /** Keys of those whose accounts are to be read now. */
  inTurn(senders: Iterable<readonly [string, SenderQueue]>): readonly string[] {
    const short = [...senders].filter(([, queue]) => queue.short).map(([key]) => key)
    if (short.length <= SHORT_SENDERS_READ) return short
    const from = this.#turn % short.length
    this.#turn = from + SHORT_SENDERS_READ
    return [...short.slice(from), ...short.slice(0, from)].slice(0, SHORT_SENDERS_READ)
  }
}
