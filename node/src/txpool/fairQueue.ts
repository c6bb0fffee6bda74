/**
 * A queue for each peer, served in turn, with a bound on all of them together: a peer that sends much makes nobody wait but
 * itself. Peers named at start and strangers are two ranks, so that the taker can say which comes first.
 */

/** A queue from whose other end things can be taken too. */
interface Lane<T> {
  readonly named: boolean
  readonly items: T[]
  /** Index of the first that was not taken. */
  head: number
  /** Bytes of what waits, and {@link ITEM_WEIGHT} for each. */
  weight: number
}

/** The weight of an item beside its bytes when queues are compared: a decoded transaction takes about so much memory. */
const ITEM_WEIGHT = 1_024
/** Taken places at the beginning of a lane after which it is written anew. */
const COMPACT_AT = 256

export interface Sized {
  readonly bytes: number
}

export class FairQueue<T extends Sized> {
  /** Each in the order of turns: a peer that was served goes to the end. */
  readonly #ranks: Readonly<Record<'named' | 'strangers', Map<string, Lane<T>>>> = {
    named: new Map(),
    strangers: new Map(),
  }
  #length = 0
  #bytes = 0

  get length(): number {
    return this.#length
  }

  get bytes(): number {
    return this.#bytes
  }

  push(peer: string, named: boolean, item: T): void {
    const rank = this.#rank(named)
    let lane = rank.get(peer)
    if (lane === undefined) {
      lane = { named, items: [], head: 0, weight: 0 }
      rank.set(peer, lane)
    }
    lane.items.push(item)
    this.#count(lane, item, 1)
  }

  /** The next of the rank, of the peer whose turn it is. */
  take(named: boolean): T | undefined {
    const rank = this.#rank(named)
    const next = rank.entries().next()
    if (next.done === true) return undefined
    const [peer, lane] = next.value
    const item = lane.items[lane.head++]!
    this.#count(lane, item, -1)
    rank.delete(peer)
    if (lane.head < lane.items.length) rank.set(peer, lane)
    if (lane.head >= COMPACT_AT) {
      lane.items.splice(0, lane.head)
      lane.head = 0
    }
    return item
  }

  /**
   * Takes the newest out of the longest queue to make room for an item of `peer`. Strangers give way to named peers;
   * among equals only who has more waiting than `peer` would have. Undefined: nobody gives way.
   */
  giveWay(peer: string, named: boolean, bytes: number): T | undefined {
    const strangers = longest(this.#ranks.strangers)
    if (named && strangers !== null) return this.#dropNewest(...strangers)
    const found = named ? longest(this.#ranks.named) : strangers
    const own = this.#rank(named).get(peer)?.weight ?? 0
    if (found === null || found[1].weight <= own + bytes + ITEM_WEIGHT) return undefined
    return this.#dropNewest(...found)
  }

  #dropNewest(peer: string, lane: Lane<T>): T {
    const item = lane.items.pop()!
    this.#count(lane, item, -1)
    if (lane.head >= lane.items.length) this.#rank(lane.named).delete(peer)
    return item
  }

  #count(lane: Lane<T>, { bytes }: T, sign: 1 | -1): void {
    lane.weight += sign * (bytes + ITEM_WEIGHT)
    this.#length += sign
    this.#bytes += sign * bytes
  }

  #rank(named: boolean): Map<string, Lane<T>> {
    return named ? this.#ranks.named : this.#ranks.strangers
  }
}

function longest<T>(rank: ReadonlyMap<string, Lane<T>>): [string, Lane<T>] | null {
  let most: [string, Lane<T>] | null = null
  for (const entry of rank) if (most === null || entry[1].weight > most[1].weight) most = entry
  return most
}
