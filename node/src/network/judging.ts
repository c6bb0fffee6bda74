/**
 * Messages that came and are not judged yet, on whichever path: so many of each peer, and so many bytes of all strangers
 * together, each of whom may have an equal part of them whatever the others do. Peers named at start have theirs besides.
 */
import type { NetworkLimits } from './limits.ts'

export type JudgingLimits = Pick<NetworkLimits, 'pendingMessagesPerPeer' | 'pendingBytesPerPeer' | 'pendingBytes'>

interface Load {
  messages: number
  bytes: number
}

export class Judging {
  readonly #limits: JudgingLimits
  readonly #isNamed: (peer: string) => boolean
  readonly #loads = new Map<string, Load>()
  /** By peer, and by what of it waits. */
  readonly #waiting = new Map<string, Map<string, () => void>>()
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
    for (const [waiting, streams] of this.#waiting) {
      if (this.#isFull(waiting, 2)) continue
      this.#waiting.delete(waiting)
      for (const resume of streams.values()) resume()
    }
  }

  /** Whether the peer has to wait before it may bring more. */
  isFull(peer: string): boolean {
    return this.#isFull(peer, 1)
  }

  /** Calls `resume` once the peer may bring more, some way below the bound. One caller for each stream: the last one. */
  whenRoom(peer: string, stream: string, resume: () => void): void {
    const streams = this.#waiting.get(peer) ?? new Map<string, () => void>()
    this.#waiting.set(peer, streams.set(stream, resume))
  }

  /** The stream is gone. */
  forget(peer: string, stream: string): void {
    const streams = this.#waiting.get(peer)
    streams?.delete(stream)
    if (streams?.size === 0) this.#waiting.delete(peer)
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
