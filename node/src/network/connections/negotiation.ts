/**
 * Counts the messages of multistream-select, in which two peers agree on what a stream is for: each a length (varint), a
 * text and a newline. A name that is not served is answered with `na` and `ls` with all names, again and again, so
 * without a bound three bytes buy a list and a stream that never comes to its point.
 * https://github.com/multiformats/multistream-select
 */

/** Of a name, as in libp2p; its length has two bytes at most. */
const MAX_MESSAGE_BYTES = 1_024

export type NegotiationState = 'going-on' | 'agreed' | 'broken'

export class Negotiation {
  readonly #isServed: (protocol: string) => boolean
  readonly #maxMessages: number
  #messages = 0
  #taken = 0
  #length = 0
  #lengthBytes = 0
  readonly #text: number[] = []

  constructor(maxMessages: number, isServed: (protocol: string) => boolean) {
    this.#maxMessages = maxMessages
    this.#isServed = isServed
  }

  /** Of the bytes that came last. */
  get taken(): number {
    return this.#taken
  }

  /** Takes the next bytes. Bytes after `agreed` belong to the protocol and are not looked at. */
  push(bytes: Uint8Array): NegotiationState {
    this.#taken = 0
    for (const byte of bytes) {
      this.#taken++
      const state = this.#take(byte)
      if (state !== 'going-on') return state
    }
    return 'going-on'
  }

  #take(byte: number): NegotiationState {
    if (this.#lengthBytes >= 0) {
      this.#length |= (byte & 0x7f) << (7 * this.#lengthBytes)
      this.#lengthBytes++
      if (byte >= 0x80) return this.#lengthBytes < 2 ? 'going-on' : 'broken'
      this.#lengthBytes = -1
      return this.#length === 0 || this.#length > MAX_MESSAGE_BYTES ? 'broken' : 'going-on'
    }
    this.#text.push(byte)
    if (this.#text.length < this.#length) return 'going-on'
    const name = new TextDecoder().decode(Uint8Array.from(this.#text)).trimEnd()
    this.#text.length = 0
    this.#length = 0
    this.#lengthBytes = 0
    if (this.#isServed(name)) return 'agreed'
    return ++this.#messages < this.#maxMessages ? 'going-on' : 'broken'
  }
}
