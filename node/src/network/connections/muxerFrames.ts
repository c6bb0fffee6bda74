/**
 * Counts the frames of the muxer in what a peer sends, before the muxer sees them. Yamux answers pings, opens streams and
 * keeps the body of an unfinished frame without asking anybody; nothing of that is a message that a part of this node
 * could count. Only the header is read here: version, type, flags (2 bytes), stream id and length (4 bytes each,
 * big-endian), after which a data frame has so many bytes of body. https://github.com/hashicorp/yamux/blob/master/spec.md
 */

import { Quota } from '../../bounds/quota.ts'
import type { FrameLength } from '../framing/wholeFrames.ts'
import type { NetworkLimits } from '../limits.ts'

const HEADER_BYTES = 12
const TYPE_DATA = 0
const TYPE_WINDOW_UPDATE = 1
const TYPE_PING = 2
const TYPE_GO_AWAY = 3
const FLAG_SYN = 1

export type FrameLimits = Pick<
  NetworkLimits,
  'streamWindowBytes' | 'pingsPerSecond' | 'pingsBurst' | 'streamsPerSecond' | 'streamsBurst'
>

/** Of a frame with its body. */
export const muxerFrameLength: FrameLength = (bytes) => {
  if (bytes.length < HEADER_BYTES) return null
  if (bytes[1] !== TYPE_DATA) return HEADER_BYTES
  return HEADER_BYTES + new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES).getUint32(8, false)
}

/** Whether it is the frame that ends the session, by its first two bytes. */
export function isGoAway(bytes: Uint8Array): boolean {
  return bytes[1] === TYPE_GO_AWAY
}

export class MuxerFrames {
  readonly #limits: FrameLimits
  readonly #pings: Quota
  readonly #opened: Quota
  readonly #onData: (stream: number, bytes: number) => void
  readonly #header = new Uint8Array(HEADER_BYTES)
  readonly #view = new DataView(this.#header.buffer)
  /** Bytes of the header that have come. */
  #have = 0
  /** Bytes of the body that are still to come. */
  #body = 0

  /** @param onData told of the announced length of each data frame, before its first byte is kept. */
  constructor(limits: FrameLimits, now: number, onData: (stream: number, bytes: number) => void = () => undefined) {
    this.#limits = limits
    this.#onData = onData
    this.#pings = new Quota(limits.pingsPerSecond, limits.pingsBurst, now)
    this.#opened = new Quota(limits.streamsPerSecond, limits.streamsBurst, now)
  }

  /**
   * Takes the next bytes of the connection.
   * @returns how many frames began in them, or what no honest peer sends.
   */
  push(bytes: Uint8Array, now: number): number | string {
    let frames = 0
    let at = 0
    while (at < bytes.length) {
      if (this.#body > 0) {
        const skipped = Math.min(this.#body, bytes.length - at)
        this.#body -= skipped
        at += skipped
        continue
      }
      const taken = Math.min(HEADER_BYTES - this.#have, bytes.length - at)
      this.#header.set(bytes.subarray(at, at + taken), this.#have)
      this.#have += taken
      at += taken
      if (this.#have < HEADER_BYTES) break
      this.#have = 0
      frames++
      const fault = this.#frame(now)
      if (fault !== null) return fault
    }
    return frames
  }

  #frame(now: number): string | null {
    const type = this.#header[1]!
    const stream = this.#view.getUint32(4, false)
    const length = this.#view.getUint32(8, false)
    if (this.#header[0] !== 0 || type > TYPE_GO_AWAY) return 'a frame that is none of the muxer'
    if (type === TYPE_PING && !this.#pings.take(now)) {
      return `a flood: over ${this.#limits.pingsPerSecond} pings of the muxer a second`
    }
    const opens =
      (type === TYPE_DATA || type === TYPE_WINDOW_UPDATE) && (this.#view.getUint16(2, false) & FLAG_SYN) !== 0
    if (opens && !this.#opened.take(now)) {
      return `a flood: over ${this.#limits.streamsPerSecond} new streams a second`
    }
    if (type !== TYPE_DATA) return null
    if (length > this.#limits.streamWindowBytes) {
      return `a frame of the muxer of ${length} bytes, at most ${this.#limits.streamWindowBytes} are allowed`
    }
    this.#body = length
    this.#onData(stream, length)
    return null
  }
}
