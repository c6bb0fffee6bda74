/** The bytes unpacked so far, growing up to a limit. */
import { BrotliError } from './brotliError.ts'

const FIRST_CAPACITY = 4096

export class Output {
  readonly #limit: number
  #bytes: Uint8Array
  length = 0

  constructor(limit: number) {
    this.#limit = limit
    this.#bytes = new Uint8Array(Math.min(FIRST_CAPACITY, limit))
  }

  /** The byte `distance` before the next; 0 before the beginning, as contexts have it. */
  back(distance: number): number {
    return distance > this.length ? 0 : this.#bytes[this.length - distance]!
  }

  push(byte: number): void {
    this.#makeRoom(1)
    this.#bytes[this.length++] = byte
  }

  append(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Repeats what lies `distance` back; the copy may run into itself. */
  copy(distance: number, length: number): void {
    this.#makeRoom(length)
    const bytes = this.#bytes
    let at = this.length
    this.length += length
    if (distance >= length) {
      bytes.copyWithin(at, at - distance, at - distance + length)
      return
    }
    for (; at < this.length; at++) bytes[at] = bytes[at - distance]!
  }

  /** A copy of its own. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.length)
  }

  #makeRoom(count: number): void {
    const needed = this.length + count
    if (needed <= this.#bytes.length) return
    if (needed > this.#limit) {
      throw new BrotliError('too-long', 'more output than the limit')
    }
    const wider = new Uint8Array(Math.min(this.#limit, Math.max(needed, this.#bytes.length * 2)))
    wider.set(this.#bytes.subarray(0, this.length))
    this.#bytes = wider
  }
}
