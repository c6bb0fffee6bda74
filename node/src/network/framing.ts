/**
 * Frames on a stream: four bytes of length, big-endian, then that many bytes. The length is checked before a byte of
 * the body is kept, and only received bytes take memory, so a peer that announces much and sends little holds little.
 */
import { plainBytes } from '../codec/bytes.ts'

const HEADER_BYTES = 4

/** The peer broke the framing or a limit. */
export class FramingError extends Error {
  override readonly name: string = 'FramingError'
}

/** All peers together hold too much; the one whose frame does not fit is not to blame for that. */
export class BudgetError extends FramingError {
  override readonly name = 'BudgetError'
}

/** A frame of `parts`, one after the other. */
export function encodeFrame(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const frame = new Uint8Array(HEADER_BYTES + length)
  new DataView(frame.buffer).setUint32(0, length, false)
  let at = HEADER_BYTES
  for (const part of parts) {
    frame.set(part, at)
    at += part.length
  }
  return frame
}

/** Bytes that unfinished frames of all streams may hold together. */
export class ByteBudget {
  readonly #limit: number
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get used(): number {
    return this.#used
  }

  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false
    this.#used += bytes
    return true
  }

  give(bytes: number): void {
    this.#used -= bytes
  }
}

/** Cuts what comes from one stream into frames. */
export class FrameReader {
  readonly #maxFrameBytes: number
  readonly #budget: ByteBudget | undefined
  // One buffer that grows by doubling: a peer that sends single bytes must not cost an object for each.
  #buffer = new Uint8Array(0)
  #held = 0

  constructor(maxFrameBytes: number, budget?: ByteBudget) {
    this.#maxFrameBytes = maxFrameBytes
    this.#budget = budget
  }

  /** Bytes of a frame that is not complete yet. */
  get partial(): number {
    return this.#held
  }

  /**
   * Takes the next bytes and gives the frames they complete, in order. The frames are copies of their own.
   * @throws FramingError when a length is over the limit or the budget of unfinished frames is spent.
   */
  push(bytes: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    // Sockets give Buffers, whose `slice` does not copy.
    const all = this.#held === 0 ? plainBytes(bytes) : this.#append(bytes)
    let at = 0
    while (all.length - at >= HEADER_BYTES) {
      const length = new DataView(all.buffer, all.byteOffset + at, HEADER_BYTES).getUint32(0, false)
      if (length > this.#maxFrameBytes) {
        throw new FramingError(`a frame of ${length} bytes, at most ${this.#maxFrameBytes} are allowed`)
      }
      if (all.length - at < HEADER_BYTES + length) break
      frames.push(all.slice(at + HEADER_BYTES, at + HEADER_BYTES + length))
      at += HEADER_BYTES + length
    }
    this.#keep(all.subarray(at))
    return frames
  }

  /** Gives back what the reader holds of the budget. */
  close(): void {
    this.#budget?.give(this.#held)
    this.#held = 0
    this.#buffer = new Uint8Array(0)
  }

  /** What is held and then `bytes`, as one piece; the budget still counts what was held. */
  #append(bytes: Uint8Array): Uint8Array {
    const length = this.#held + bytes.length
    if (this.#buffer.length < length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#buffer.length))
      grown.set(this.#buffer.subarray(0, this.#held))
      this.#buffer = grown
    }
    this.#buffer.set(bytes, this.#held)
    return this.#buffer.subarray(0, length)
  }

  #keep(rest: Uint8Array): void {
    const more = rest.length - this.#held
    if (more > 0 && this.#budget !== undefined && !this.#budget.take(more)) {
      throw new BudgetError('unfinished frames of all peers hold too many bytes')
    }
    if (more < 0) this.#budget?.give(-more)
    this.#held = rest.length
    if (rest.length === 0) this.#buffer = new Uint8Array(0)
    else if (rest.buffer !== this.#buffer.buffer || rest.byteOffset !== this.#buffer.byteOffset) {
      this.#buffer = rest.slice()
    }
  }
}
