/**
 * Frames on a stream: four bytes of length, big-endian, then that many bytes. The length is checked before a byte of
 * the body is kept, and only received bytes take memory, so a peer that announces much and sends little holds little.
 */
import { plainBytes } from '../../codec/bytes.ts'

const HEADER_BYTES = 4
const TOO_MUCH = 'unfinished frames of all peers hold too many bytes'

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

/** A stream that holds bytes of a budget. */
export interface Holder {
  /** Its bytes are needed by somebody who holds less. It holds nothing from now on. */
  evict(): void
}

/**
 * Bytes that unfinished frames of all streams may hold together. When they do, who holds most gives up what it has for who
 * holds less: frames that are begun and not gone on with keep out nobody whose frames are no larger.
 */
export class ByteBudget {
  readonly #limit: number
  /** The holder that was given bytes most lately is the last. */
  readonly #held = new Map<Holder, number>()
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get used(): number {
    return this.#used
  }

  /** From now on the holder has so many bytes. False, and nothing changes for it, when there is not enough. */
  hold(holder: Holder, bytes: number): boolean {
    const before = this.#held.get(holder) ?? 0
    while (this.#used - before + bytes > this.#limit) {
      const largest = this.#largest(holder)
      if (largest === null || this.#held.get(largest)! < bytes) return false
      this.#set(largest, 0)
      largest.evict()
    }
    this.#set(holder, bytes)
    return true
  }

  #largest(except: Holder): Holder | null {
    let largest: Holder | null = null
    for (const [holder, bytes] of this.#held) {
      if (holder !== except && bytes > (largest === null ? 0 : this.#held.get(largest)!)) largest = holder
    }
    return largest
  }

  #set(holder: Holder, bytes: number): void {
    this.#used += bytes - (this.#held.get(holder) ?? 0)
    this.#held.delete(holder)
    if (bytes > 0) this.#held.set(holder, bytes)
  }
}

/** Of strangers and of peers named at start, of what was asked for and of what was not: none of these takes what is another's. */
export class FrameBudgets {
  readonly #isNamed: (peer: string) => boolean
  readonly #named: ByteBudget
  readonly #strangers: ByteBudget
  readonly #answers: ByteBudget

  /** @param limit of each, bytes. */
  constructor(limit: number, isNamed: (peer: string) => boolean) {
    this.#isNamed = isNamed
    this.#named = new ByteBudget(limit)
    this.#strangers = new ByteBudget(limit)
    this.#answers = new ByteBudget(limit)
  }

  of(peer: string): ByteBudget {
    return this.#isNamed(peer) ? this.#named : this.#strangers
  }

  ofAnswers(peer: string): ByteBudget {
    return this.#isNamed(peer) ? this.#named : this.#answers
  }
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
  readonly #budget: ByteBudget | undefined
  readonly #onEvicted: (error: BudgetError) => void
  readonly #prefix: LengthPrefix
  #isClosed = false
  // One buffer that grows by doubling: a peer that sends single bytes must not cost an object for each.
  #buffer = new Uint8Array(0)
  #held = 0

  /** @param onEvicted told when others need what this one holds; it is closed then. */
  constructor(
    maxFrameBytes: number,
    budget?: ByteBudget,
    onEvicted: (error: BudgetError) => void = () => undefined,
    prefix: LengthPrefix = FOUR_BYTES,
  ) {
    this.#maxFrameBytes = maxFrameBytes
    this.#budget = budget
    this.#onEvicted = onEvicted
    this.#prefix = prefix
  }

  /** Bytes of a frame that is not complete yet. */
  get partial(): number {
    return this.#held
  }

  /**
   * Takes the next bytes and gives the frames they complete, in order; none once it is closed. The frames are copies of their own.
   * @throws FramingError when a length is over the limit or the budget of unfinished frames is spent.
   */
  push(bytes: Uint8Array): Uint8Array[] {
    if (this.#isClosed) return []
    const frames: Uint8Array[] = []
    // Sockets give Buffers, whose `slice` does not copy.
    const all = this.#held === 0 ? plainBytes(bytes) : this.#append(bytes)
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
    this.#keep(all.subarray(at))
    return frames
  }

  /** Gives back what the reader holds of the budget, for good. */
  close(): void {
    this.#isClosed = true
    this.#budget?.hold(this, 0)
    this.#held = 0
    this.#buffer = new Uint8Array(0)
  }

  evict(): void {
    this.close()
    this.#onEvicted(new BudgetError(TOO_MUCH))
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
    if (this.#budget?.hold(this, rest.length) === false) throw new BudgetError(TOO_MUCH)
    this.#held = rest.length
    if (rest.length === 0) this.#buffer = new Uint8Array(0)
    else if (rest.buffer !== this.#buffer.buffer || rest.byteOffset !== this.#buffer.byteOffset) {
      this.#buffer = rest.slice()
    }
  }
}
