/**
 * Bits of a Brotli stream, least significant first (RFC 7932, section 1.5.1). Past the end it reads zeros and remembers
 * that it did, so that the inner loops need no check of their own; `overrun` says so afterwards.
 */

export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0
  #value = 0
  /** Valid bits in `#value`, those past the end of the stream included. */
  #count = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The next `count` bits without taking them; at most 24, so that one more byte fits above them. */
  peek(count: number): number {
    while (this.#count < count) {
      this.#value |= (this.#bytes[this.#at] ?? 0) << this.#count
      this.#at++
      this.#count += 8
    }
    return this.#value & ((1 << count) - 1)
  }

  /** Takes bits that were peeked. */
  drop(count: number): void {
    this.#value >>>= count
    this.#count -= count
  }

  read(count: number): number {
    const bits = this.peek(count)
    this.drop(count)
    return bits
  }

  /** Skips to the next whole byte. False when a bit in between is set. */
  alignToByte(): boolean {
    const padding = this.#count & 7
    return this.read(padding) === 0
  }

  /** The next whole bytes, as a view; null when fewer are left. Only where {@link alignToByte} was called. */
  takeBytes(length: number): Uint8Array | null {
    const start = this.bytesRead
    if (start + length > this.#bytes.length) return null
    this.#value = 0
    this.#count = 0
    this.#at = start + length
    return this.#bytes.subarray(start, start + length)
  }

  /** Whether bits were taken that the stream does not have. */
  get overrun(): boolean {
    return this.bytesRead > this.#bytes.length
  }

  /** Bytes of which at least one bit was taken. */
  get bytesRead(): number {
    return this.#at - (this.#count >> 3)
  }
}
