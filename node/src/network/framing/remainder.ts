/**
 * The bytes of a frame that is not whole yet, in one buffer that grows by doubling: a peer that sends single bytes must not
 * cost an object for each, nor hold the whole of what a byte came in.
 */
import type { Holder, Room } from './heldBytes.ts'

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

  /** The kept bytes and then `bytes`, as one piece, valid until the next call; the kept ones still count. */
  with(bytes: Uint8Array): Uint8Array {
    if (this.#length === 0) return bytes
    const length = this.#length + bytes.length
    if (this.#buffer.length < length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#buffer.length))
      grown.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = grown
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
    this.#buffer = new Uint8Array(0)
  }
}
