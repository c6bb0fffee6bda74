/**
 * The claims of peers, their answers so far, and the choice of peers to ask now. Nothing here is believed: it only
 * decides whom to ask, and for how much.
 *
 * A peer earns trust by good answers and loses it by silence. A new one is asked for one item, and for four times as
 * many after each good answer. One that is late or fails begins again, behind all others. So strangers never stand
 * between a node and a peer that serves it, however many they are and whatever they claim.
 */

interface PeerEntry {
  height: bigint
  /** The first block it serves. */
  first: bigint
  /** Named in this node's configuration: its claims need proof too, but it need not earn its place. */
  named: boolean
  pausedUntil: number
  /** Failures since it last answered well. */
  failures: number
  /** Times it let somebody wait too long, since it last answered well. */
  late: number
  /** How often it failed or was late, at a time: fades with each good answer, and with time. */
  doubt: number
  doubtAt: number
  /** Items it may be asked for at once. */
  share: number
  /** Requests under way. */
  load: number
  lastAsked: number
  /** Milliseconds it takes for an item, a moving average; null until it has answered. */
  pace: number | null
}

export interface RankingLimits {
  /** Milliseconds after the first failure; each further one doubles them. */
  readonly peerPause: number
  readonly peerPauseMax: number
}

/** Weight of the newest answer in the average. */
const NEWEST = 0.3
/** Milliseconds an item: below it, peers are equally fast. */
const FASTEST_PACE = 0.02
/** The part of a doubt left after a good answer; milliseconds in which half of it is gone anyway. */
const FADING = 0.8
const DOUBT_HALF_LIFE = 10_000
/** A peer with more doubt comes after the untried ones. Below that, the doubt weighs against its speed. */
const DOUBTED = 0.5
const DOUBT_WEIGHT = 4
/** How much more a peer is asked for when what it gave was good. */
const GROWTH = 4

export class PeerHeights {
  readonly #limits: RankingLimits
  readonly #mostItems: number
  readonly #leastItems: number
  readonly #peers = new Map<string, PeerEntry>()
  #asked = 0

  /** Items that a peer may be asked for at once: at most, and before it has given anything. */
  constructor(limits: RankingLimits, items: { readonly most: number; readonly least: number }) {
    this.#limits = limits
    this.#mostItems = items.most
    this.#leastItems = items.least
  }

  /** A peer's own word, or another's: only ever up, until it fails to keep it. */
  claim(
    peer: string,
    height: bigint,
    { first, named = false }: { first?: bigint | undefined; named?: boolean } = {},
  ): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) {
      this.#peers.set(peer, {
        height,
        first: first ?? 1n,
        named,
        pausedUntil: 0,
        failures: 0,
        late: 0,
        doubt: 0,
        doubtAt: 0,
        share: named ? this.#mostItems : this.#leastItems,
        load: 0,
        lastAsked: 0,
        pace: null,
      })
      return
    }
    if (entry.height < height) entry.height = height
    if (first !== undefined) entry.first = first
  }

  /** It does not have what it claimed. */
  lower(peer: string, height: bigint): void {
    const entry = this.#peers.get(peer)
    if (entry !== undefined) entry.height = height
  }

  forget(peer: string): void {
    this.#peers.delete(peer)
  }

  /** It did not answer, or wrongly: it is left alone for a while, longer each time. */
  failed(peer: string, now: number): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    const pause = this.#limits.peerPause * 2 ** Math.min(entry.failures, 16)
    entry.pausedUntil = now + Math.min(pause, this.#limits.peerPauseMax)
    entry.failures += 1
    raiseDoubt(entry, now)
    entry.share = this.#leastItems
  }

  /** It has not given so many items yet, after this long. */
  late(peer: string, milliseconds: number, items: number, now: number): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    entry.pace = Math.max(entry.pace ?? 0, this.#paceOf(milliseconds, items))
    entry.late += 1
    raiseDoubt(entry, now)
    entry.share = this.#leastItems
  }

  /** Notes that its answer was good. */
  kept(peer: string, items: number): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    entry.failures = 0
    entry.late = 0
    entry.pausedUntil = 0
    entry.doubt *= FADING
    entry.share = Math.min(this.#mostItems, Math.max(entry.share, GROWTH * items))
  }

  /** It took this long to give so many items. */
  took(peer: string, milliseconds: number, items: number): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    const pace = this.#paceOf(milliseconds, items)
    entry.pace = entry.pace === null ? pace : entry.pace * (1 - NEWEST) + pace * NEWEST
  }

  /** Of few items it is mostly the way there and back that takes time. */
  #paceOf(milliseconds: number, items: number): number {
    return milliseconds / Math.max(items, this.#mostItems / GROWTH)
  }

  /** How many items it may be asked for at once. */
  share(peer: string): number {
    return this.#peers.get(peer)?.share ?? this.#leastItems
  }

  load(peer: string): number {
    return this.#peers.get(peer)?.load ?? 0
  }

  /** Of those that serve a height; peers that have earned it, or are named. */
  trusted(height: bigint, now: number): number {
    let count = 0
    for (const entry of this.#peers.values())
      if (mayBeAsked(entry, height, now) && this.#rankOf(entry, now) === 1) count += 1
    return count
  }

  /** The same, and those that have not been tried yet: all but who failed or was late. */
  steady(height: bigint, now: number): number {
    let count = 0
    for (const entry of this.#peers.values()) {
      if (mayBeAsked(entry, height, now) && this.#rankOf(entry, now) < 3) count += 1
    }
    return count
  }

  /** Whether a peer that serves a height has not been tried yet. */
  hasUntried(height: bigint, now: number): boolean {
    for (const entry of this.#peers.values())
      if (mayBeAsked(entry, height, now) && this.#rankOf(entry, now) === 2) return true
    return false
  }

  /** Milliseconds in which the fastest peer gives so many items; null when nobody has answered yet. */
  bestTime(items: number): number | null {
    const pace = this.#bestPace()
    return pace === null ? null : pace * Math.max(items, this.#mostItems / GROWTH)
  }

  #bestPace(): number | null {
    let best: number | null = null
    for (const { pace } of this.#peers.values()) if (pace !== null && (best === null || pace < best)) best = pace
    return best
  }

  /** The greatest height claimed by peers that may be asked; 0 when there are none. */
  highest(now: number): bigint {
    let highest = 0n
    for (const { height, pausedUntil } of this.#peers.values()) {
      if (height > highest && pausedUntil <= now) highest = height
    }
    return highest
  }

  /** The height that half of the trusted peers claim at least: for people to read. 0 when there are none. */
  likelyHeight(): bigint {
    const heights = [...this.#peers.values()].filter((entry) => this.#hasEarned(entry)).map(({ height }) => height)
    heights.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    return heights[Math.floor((heights.length - 1) / 2)] ?? 0n
  }

  /** When a peer that claims more than `height` may be asked again, of those that are left alone now; null when none is. */
  pauseEnd(height: bigint, now: number): number | null {
    let first: number | null = null
    for (const entry of this.#peers.values()) {
      if (entry.height <= height || entry.pausedUntil <= now) continue
      if (first === null || entry.pausedUntil < first) first = entry.pausedUntil
    }
    return first
  }

  /**
   * Of the peers that have `height`: who is trusted and likely to give it first, then who was not tried yet, then who was
   * late or failed. With `untried`, who was not tried yet comes first.
   */
  pick(
    height: bigint,
    now: number,
    { except, untried = false }: { readonly except?: (peer: string) => boolean; readonly untried?: boolean } = {},
  ): string | undefined {
    let best: PeerEntry | undefined
    let name: string | undefined
    const rankOf = (entry: PeerEntry) => {
      const rank = this.#rankOf(entry, now)
      return untried && rank === 2 ? 0 : rank
    }
    for (const [peer, entry] of this.#peers) {
      if (!mayBeAsked(entry, height, now) || except?.(peer) === true) continue
      if (best !== undefined && !isBefore(entry, rankOf(entry), best, rankOf(best), now)) continue
      best = entry
      name = peer
    }
    if (best !== undefined) best.lastAsked = ++this.#asked
    return name
  }

  /**
   * The first block that peers claiming `height` serve, when none of them has it; null when one has, or nobody claims it.
   */
  missingBelow(height: bigint): bigint | null {
    let lowest: bigint | null = null
    for (const entry of this.#peers.values()) {
      if (entry.height < height) continue
      if (entry.first <= height) return null
      if (lowest === null || entry.first < lowest) lowest = entry.first
    }
    return lowest
  }

  /** Counts requests under way. */
  busy(peer: string, change: 1 | -1): void {
    const entry = this.#peers.get(peer)
    if (entry !== undefined) entry.load = Math.max(0, entry.load + change)
  }

  /** 1 is trusted, 2 was not tried yet, 3 failed or was late. */
  #rankOf(entry: PeerEntry, now: number): 1 | 2 | 3 {
    if (doubtOf(entry, now) > DOUBTED) return 3
    if (this.#hasEarned(entry)) return 1
    return entry.failures === 0 && entry.late === 0 ? 2 : 3
  }

  #hasEarned({ share }: PeerEntry): boolean {
    return share > this.#leastItems
  }
}

function mayBeAsked(entry: PeerEntry, height: bigint, now: number): boolean {
  return entry.height >= height && entry.first <= height && entry.pausedUntil <= now
}

function doubtOf({ doubt, doubtAt }: PeerEntry, now: number): number {
  return doubt * 0.5 ** ((now - doubtAt) / DOUBT_HALF_LIFE)
}

function raiseDoubt(entry: PeerEntry, now: number): void {
  entry.doubt = doubtOf(entry, now) + 1
  entry.doubtAt = now
}

function isBefore(entry: PeerEntry, rank: number, other: PeerEntry, otherRank: number, now: number): boolean {
  if (rank !== otherRank) return rank < otherRank
  // Among those that earned it only speed counts.
  if (rank !== 1 && entry.named !== other.named) return entry.named
  const troubles = entry.failures + entry.late - other.failures - other.late
  if (rank === 3 && troubles !== 0) return troubles < 0
  const difference = costOf(entry, now) - costOf(other, now)
  return difference === 0 ? entry.lastAsked < other.lastAsked : difference < 0
}

function costOf(entry: PeerEntry, now: number): number {
  const { load, pace } = entry
  return (load + 1) * Math.max(pace ?? 0, FASTEST_PACE) * (1 + DOUBT_WEIGHT * doubtOf(entry, now))
}
