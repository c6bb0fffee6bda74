/**
 * Votes that were taken from messages which are not passed on. Peers that hear of them through this node lack them
 * still, so a later message that holds one, and nothing that was not verified, is passed on although it says nothing
 * new here. Otherwise a validator could stop another's vote on its way: by sending it first, in a bundle with something
 * that nobody passes on.
 */

import { keyOf } from '../../codec/bytes.ts'
import { MAX_TAKEN_VOTES } from '../limits.ts'
import type { VoteMessage } from '../wire/messages.ts'
import type { Admission } from './admission.ts'

export class TakenVotes {
  readonly #keys = new Set<string>()

  /**
   * Whether a message with these votes, admitted like this, says something that is new here or that others lack because
   * of this node.
   */
  isNews({ votes, whole, fault }: Admission, messages: readonly VoteMessage[]): boolean {
    if (!whole || fault !== null) {
      for (const { type, round, id, validator } of votes) this.#add(`${type} ${round} ${id} ${validator}`)
      return votes.length > 0
    }
    let isNews = votes.length > 0
    for (const { type, round, blockHash, index } of messages) {
      const id = blockHash === null ? null : keyOf(blockHash)
      if (this.#keys.delete(`${type} ${round} ${id} ${index}`)) isNews = true
    }
    return isNews
  }

  #add(key: string): void {
    this.#keys.delete(key)
    this.#keys.add(key)
    if (this.#keys.size > MAX_TAKEN_VOTES) this.#keys.delete(this.#keys.values().next().value!)
  }
}
