/**
 * Messages that came and are not judged yet, on whichever path: so many of each peer, and so many bytes of all strangers
 * together, each of whom may have an equal part of them whatever the others do. Peers named at start have theirs besides.
 */
import type { NetworkLimits } from '../limits.ts'

export type JudgingLimits = Pick<NetworkLimits, 'pendingMessagesPerPeer' | 'pendingBytesPerPeer' | 'pendingBytes'>

interface Load {
  messages: number
  bytes: number
}

export class Judging {
  readonly #limits: JudgingLimits
  readonly #isNamed: (peer: string) => boolean
  readonly #loads = new Map<string, Load>()
  /** By peer: what goes on once there is room. */
  readonly #waiting = new Map<string, () => void>()
  /** Of strangers. */
  #strangers = 0
  #strangersBytes = 0

  constructor(limits: JudgingLimits, isNamed: (peer: string) => boolean) {
    this.#limits = limits
    this.#isNamed = isNamed
  }

  /** Bytes of strangers that are being judged. */
  get bytes(): number {
    return this.#strangersBytes
  }

  begin(peer: string, bytes: number): void {
    let load = this.#loads.get(peer)
    if (load === undefined) {
      load = { messages: 0, bytes: 0 }
      this.#loads.set(peer, load)
      if (!this.#isNamed(peer)) this.#strangers++
    }
    load.messages++
    load.bytes += bytes
    if (!this.#isNamed(peer)) this.#strangersBytes += bytes
  }

  end(peer: string, bytes: number): void {
    const load = this.#loads.get(peer)
    if (load === undefined) return
    load.messages--
    load.bytes -= bytes
    const isStranger = !this.#isNamed(peer)
    if (isStranger) this.#strangersBytes -= bytes
    if (load.messages === 0) {
      this.#loads.delete(peer)
      if (isStranger) this.#strangers--
    }
    for (const [waiting, resume] of this.#waiting) {
      if (this.#isFull(waiting, 2)) continue
      this.#waiting.delete(waiting)
      resume()
    }
  }

  /** Whether the peer has to wait before it may bring more. */
  isFull(peer: string): boolean {
    return this.#isFull(peer, 1)
  }

  /** Calls `resume` once the peer may bring more, some way below the bound. One caller for each peer: the last one. */
  whenRoom(peer: string, resume: () => void): void {
    this.#waiting.set(peer, resume)
  }

  /** Drops the waiting messages of the peer. */
  forget(peer: string): void {
    this.#waiting.delete(peer)
  }

  /** @param parts of the bounds, of which one may be full. */
  #isFull(peer: string, parts: number): boolean {
    const { pendingMessagesPerPeer, pendingBytesPerPeer, pendingBytes } = this.#limits
    const { messages, bytes } = this.#loads.get(peer) ?? { messages: 0, bytes: 0 }
    if (messages * parts > pendingMessagesPerPeer || bytes * parts > pendingBytesPerPeer) return true
    if (this.#isNamed(peer) || this.#strangersBytes * parts <= pendingBytes) return false
    return bytes * Math.max(1, this.#strangers) * parts > pendingBytes
  }
}

/** Urgent messages are small: of all bounds in bytes they have one part in so many, besides what the rest has. */
const URGENT_PARTS = 4

/**
 * Messages on urgent streams are counted by themselves, and so is all else, gossip too: transactions that wait
 * to be judged, as those of a throttled peer do, keep no vote of the same peer from being read.
 */
export function judgingOfLanes(
  limits: JudgingLimits,
  isNamed: (peer: string) => boolean,
): Readonly<Record<'urgent' | 'bulk', Judging>> {
  const urgent = {
    ...limits,
    pendingBytesPerPeer: Math.ceil(limits.pendingBytesPerPeer / URGENT_PARTS),
    pendingBytes: Math.ceil(limits.pendingBytes / URGENT_PARTS),
  }
  return { urgent: new Judging(urgent, isNamed), bulk: new Judging(limits, isNamed) }
}
