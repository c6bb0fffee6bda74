/**
 * Stands before a decoder of frames that keeps an object for each piece of one that is not whole, as those of yamux and
 * noise do, and hands it whole frames alone: a frame in single bytes would cost some hundred times what it has.
 */
import type { Holder, Room } from './heldBytes.ts'
import { Remainder } from './remainder.ts'

export const NOISE_PREFIX_BYTES = 2
/** The longest message of noise, with its length. */
export const NOISE_MESSAGE_BYTES = NOISE_PREFIX_BYTES + 0xffff
const NOTHING = new Uint8Array(0)

/** Of a frame that `bytes` begin with, all of it; null while that cannot be told. */
export type FrameLength = (bytes: Uint8Array) => number | null

/** A message of noise: two bytes of length, big-endian, and as many. */
export const noiseLength: FrameLength = (bytes) =>
  bytes.length < NOISE_PREFIX_BYTES ? null : NOISE_PREFIX_BYTES + ((bytes[0]! << 8) | bytes[1]!)

export class WholeFrames implements Holder {
  readonly #lengthOf: FrameLength
  readonly #onEvicted: () => void
  readonly #remainder: Remainder
  #isClosed = false

  /**
   * @param room what unfinished frames count in, unless their length alone bounds them
   * @param onEvicted told when others need what this one holds; it is closed then.
   */
  constructor(lengthOf: FrameLength, room?: Room, onEvicted: () => void = () => undefined) {
    this.#lengthOf = lengthOf
    this.#onEvicted = onEvicted
    this.#remainder = new Remainder(this, room)
  }

  /** The frames that are whole with the next bytes, in one piece, which is nobody else's; none once it is closed. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#isClosed) return NOTHING
    const all = this.#remainder.with(bytes)
    let at = 0
    for (;;) {
      const length = this.#lengthOf(all.subarray(at))
      if (length === null || at + length > all.length) break
      at += length
    }
    // Bytes kept after it are kept elsewhere.
    const whole = all.subarray(0, at)
    if (!this.#remainder.keep(all.subarray(at), at > 0)) this.evict()
    // A view of what is kept would not be nothing, but gone, when that is given back.
    return this.#isClosed || at === 0 ? NOTHING : whole
  }

  close(): void {
    this.#isClosed = true
    this.#remainder.clear()
  }

  evict(): void {
    this.close()
    this.#onEvicted()
  }
}
