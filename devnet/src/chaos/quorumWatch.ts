/**
 * How long no block comes although enough validators are up, connected, and know what they signed. Losing a quorum stops a
 * chain, as it must; having one again must move it, and this is what finds a chain that does not.
 */

export interface NetworkState {
  /** Validators that are running and know what they signed, by number. */
  readonly voting: readonly number[]
  /** All validators; equal ones. */
  readonly validators: number
  /** Of a partition; nodes that are not named are one more group. Null: all are connected. */
  readonly groups: readonly (readonly number[])[] | null
  /** Greatest height seen. */
  readonly height: number
  /** Transactions are waiting to be in a block. */
  readonly hasWork: boolean
}

/** Whether more than two thirds of the validators are up and connected with each other. */
export function hasQuorum({ voting, validators, groups }: NetworkState): boolean {
  const named = new Set(groups?.flat())
  const rest = voting.filter((node) => !named.has(node))
  const sides = [rest, ...(groups ?? []).map((group) => voting.filter((node) => group.includes(node)))]
  return sides.some((side) => 3 * side.length > 2 * validators)
}

export class QuorumWatch {
  #longest = 0
  #since: number | null = null
  #height = -1

  /**
   * Looks at the network; `now` in milliseconds. A quorum that is gone for less than the time between two looks is missed.
   */
  look(now: number, state: NetworkState): void {
    const isDue = state.hasWork && hasQuorum(state)
    if (!isDue || state.height > this.#height) this.#since = isDue ? now : null
    else this.#since ??= now
    this.#height = Math.max(this.#height, state.height)
    if (this.#since !== null) this.#longest = Math.max(this.#longest, now - this.#since)
  }

  /** Longest time with a quorum, with work, and without a new block, milliseconds. */
  get longestWait(): number {
    return this.#longest
  }
}
