/**
 * The bytes of a frame that is not whole yet, in one buffer that grows by parts of itself: a peer that sends single bytes
 * must not cost an object for each, nor hold the whole of what a byte came in. A buffer that is given up is given back at
 * once and not when V8 collects next: what is counted would be a third of what is there.
 */
import type { Holder, Room } from './heldBytes.ts'

/** A buffer that is too short becomes so many times as long. */
const GROWTH = 1.5

export class Remainder {
  readonly #holder: Holder
  readonly #room: Room | undefined
  #buffer = new Uint8Array(0)
  #length = 0

  /** @param room without it nothing is counted. */
  constructor(holder: Holder, room: Room | undefined) {
    this.#holder = holder
    this.#room = room
  }

  get length(): number {
    return this.#length
  }

  /** The kept bytes and then `bytes`, as one piece, valid until the next call of any kind; the kept ones still count. */
  with(bytes: Uint8Array): Uint8Array {
    if (this.#length === 0) return bytes
    const length = this.#length + bytes.length
    if (this.#buffer.length < length) {
      this.#buffer = moved(this.#buffer, Math.max(length, Math.ceil(GROWTH * this.#buffer.length)))
    }
    this.#buffer.set(bytes, this.#length)
    return this.#buffer.subarray(0, length)
  }

  /**
   * Keeps what is left of the piece that {@link with} gave.
   * @param isAnother of another frame than before
   * @returns false when there is no room for it.
   */
  keep(rest: Uint8Array, isAnother: boolean): boolean {
    if (this.#room?.hold(this.#holder, rest.length, isAnother) === false) return false
    this.#length = rest.length
    // Not given back: what was whole may go on in it.
    if (rest.length === 0) this.#buffer = new Uint8Array(0)
    else if (rest.buffer !== this.#buffer.buffer || rest.byteOffset !== this.#buffer.byteOffset) {
      this.#buffer = rest.slice()
    }
    return true
  }

  /** Gives back what is kept. */
  clear(): void {
    this.#room?.hold(this.#holder, 0, true)
    this.#length = 0
    this.#buffer = moved(this.#buffer, 0)
  }
}

/** In a buffer of another length; the one before is gone, with all views of it. Node 20 leaves it to be collected. */
function moved(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  if (typeof buffer.transfer === 'function') return new Uint8Array(buffer.transfer(length))
  const other = new Uint8Array(length)
  other.set(bytes.subarray(0, length))
  return other
}
