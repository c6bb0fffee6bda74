/**
 * Frames on a stream: four bytes of length, big-endian, then that many bytes. The length is checked before a byte of
 * the body is kept, and only received bytes take memory, so a peer that announces much and sends little holds little.
 */
import { plainBytes } from '../../codec/bytes.ts'
import type { Holder, Room } from './heldBytes.ts'
import { Remainder } from './remainder.ts'

const HEADER_BYTES = 4
export const TOO_MUCH = 'unfinished frames of all peers hold too many bytes'

/** The peer broke the framing or a limit. */
export class FramingError extends Error {
  override readonly name: string = 'FramingError'
}

/** All peers together hold too much, and the peer of this frame most for the longest. It may be slow and honest. */
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

/** How a frame's length is written before it. */
export interface LengthPrefix {
  /** Of what `bytes` begin with; null while it is not whole. @throws FramingError when it is none. */
  read(bytes: Uint8Array): { readonly prefixBytes: number; readonly length: number } | null
}

const FOUR_BYTES: LengthPrefix = {
  read: (bytes) =>
    bytes.length < HEADER_BYTES
      ? null
      : {
          prefixBytes: HEADER_BYTES,
          length: new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES).getUint32(0, false),
        },
}

/** Cuts what comes from one stream into frames. */
export class FrameReader implements Holder {
  readonly #maxFrameBytes: number
  readonly #onEvicted: (error: BudgetError) => void
  readonly #prefix: LengthPrefix
  readonly #remainder: Remainder
  #isClosed = false

  /** @param onEvicted told when others need what this one holds; it is closed then. */
  constructor(
    maxFrameBytes: number,
    room?: Room,
    onEvicted: (error: BudgetError) => void = () => undefined,
    prefix: LengthPrefix = FOUR_BYTES,
  ) {
    this.#maxFrameBytes = maxFrameBytes
    this.#remainder = new Remainder(this, room)
    this.#onEvicted = onEvicted
    this.#prefix = prefix
  }

  /** Bytes of a frame that is not complete yet. */
  get partial(): number {
    return this.#remainder.length
  }

  /**
   * Takes the next bytes and gives the frames they complete, in order; none once it is closed. The frames are copies of
   * their own.
   * @throws FramingError when a length is over the limit; BudgetError when unfinished frames hold too much, this peer's
   * most.
   */
  push(bytes: Uint8Array): Uint8Array[] {
    if (this.#isClosed) return []
    const frames: Uint8Array[] = []
    // Sockets give Buffers, whose `slice` does not copy.
    const all = this.#remainder.with(plainBytes(bytes))
    let at = 0
    for (let head = this.#prefix.read(all); head !== null; head = this.#prefix.read(all.subarray(at))) {
      const { prefixBytes, length } = head
      if (length > this.#maxFrameBytes) {
        throw new FramingError(`a frame of ${length} bytes, at most ${this.#maxFrameBytes} are allowed`)
      }
      if (all.length - at < prefixBytes + length) break
      frames.push(all.slice(at + prefixBytes, at + prefixBytes + length))
      at += prefixBytes + length
    }
    if (!this.#remainder.keep(all.subarray(at), at > 0)) throw new BudgetError(TOO_MUCH)
    return frames
  }

  /** Gives back what the reader holds of the budget, for good. */
  close(): void {
    this.#isClosed = true
    this.#remainder.clear()
  }

  evict(): void {
    this.close()
    this.#onEvicted(new BudgetError(TOO_MUCH))
  }
}
