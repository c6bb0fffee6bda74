/** Numbers as LevelDB writes them: seven bits a byte, the lowest first. */
export class VarintReader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** @throws RangeError at the end of the bytes, or above 2^53. */
  next(): number {
    let value = 0
    for (let scale = 1; scale < Number.MAX_SAFE_INTEGER; scale *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RangeError('a number is cut off')
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw new RangeError('a number is too large')
  }

  /** A length and that many bytes. */
  bytes(): Uint8Array {
    const length = this.next()
    if (this.#at + length > this.#bytes.length) throw new RangeError('a string is cut off')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
