/**
 * What peers say they have, how they answer, and which of them may be asked now. Nothing here is believed: it only
 * decides whom to ask.
 */

interface PeerEntry {
  height: bigint
  /** The first block it serves. */
  first: bigint
  pausedUntil: number
  /** Failures since it last answered well. */
  failures: number
  /** Requests under way. */
  load: number
  lastAsked: number
  /** Milliseconds it takes for a block, a moving average; null until it has answered. */
  pace: number | null
}

export interface PauseLimits {
  /** Milliseconds after the first failure; each further one doubles them. */
  readonly peerPause: number
  readonly peerPauseMax: number
}

/** Weight of the newest answer in the average. */
const NEWEST = 0.3
/** Milliseconds a block: below it, peers are equally fast. Unknown ones count as this fast, so that each is tried. */
const FASTEST_PACE = 0.02

export class PeerHeights {
  readonly #limits: PauseLimits
  readonly #peers = new Map<string, PeerEntry>()
  #asked = 0

  constructor(limits: PauseLimits) {
    this.#limits = limits
  }

  /** A peer's own word, or another's: only ever up, until it fails to keep it. */
  claim(peer: string, height: bigint, first?: bigint): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) {
      this.#peers.set(peer, {
        height,
        first: first ?? 1n,
        pausedUntil: 0,
        failures: 0,
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
  }

  /** What it sent was good. */
  kept(peer: string): void {
    const entry = this.#peers.get(peer)
    if (entry !== undefined) entry.failures = 0
  }

  /** It took this long to give so many blocks. */
  took(peer: string, milliseconds: number, blocks: number): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    const pace = milliseconds / blocks
    entry.pace = entry.pace === null ? pace : entry.pace * (1 - NEWEST) + pace * NEWEST
  }

  /** It has not given so many blocks yet, after this long. */
  tookAtLeast(peer: string, milliseconds: number, blocks: number): void {
    const entry = this.#peers.get(peer)
    if (entry === undefined) return
    entry.pace = Math.max(entry.pace ?? 0, milliseconds / blocks)
  }

  /** The best pace known; null when nobody has answered yet. */
  bestPace(): number | null {
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

  /** When a peer that claims more than `height` may be asked again, of those that are left alone now; null when none is. */
  pauseEnd(height: bigint, now: number): number | null {
    let first: number | null = null
    for (const entry of this.#peers.values()) {
      if (entry.height <= height || entry.pausedUntil <= now) continue
      if (first === null || entry.pausedUntil < first) first = entry.pausedUntil
    }
    return first
  }

  /** Of the peers that have `height` the one that is likely to give it first; of equal ones that which was not asked for longest. */
  pick(height: bigint, now: number, except: ReadonlySet<string> = new Set()): string | undefined {
    let best: PeerEntry | undefined
    let name: string | undefined
    for (const [peer, entry] of this.#peers) {
      if (entry.height < height || entry.first > height || entry.pausedUntil > now || except.has(peer)) continue
      if (best !== undefined && !isBefore(entry, best)) continue
      best = entry
      name = peer
    }
    if (best !== undefined) best.lastAsked = ++this.#asked
    return name
  }

  /** The first block that peers claiming `height` serve, when none of them has it; null when one has, or nobody claims it. */
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
}

function isBefore(entry: PeerEntry, other: PeerEntry): boolean {
  const difference = costOf(entry) - costOf(other)
  return difference === 0 ? entry.lastAsked < other.lastAsked : difference < 0
}

function costOf({ load, pace }: PeerEntry): number {
  return (load + 1) * Math.max(pace ?? 0, FASTEST_PACE)
}
