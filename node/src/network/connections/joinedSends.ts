/**
 * The bytes that go out on one connection, below the muxer. Each frame of the muxer would be a message of noise by itself,
 * encrypted by itself and written to the socket in two or three pieces; so those of one turn of the event loop are sent as
 * one.
 *
 * Why it is so: docs/rationale/network.md.
 */
import type { MessageStream } from '@libp2p/interface'
import { concatBytes } from '../../codec/bytes.ts'
import type { Clock } from '../../runtime/clock.ts'
import { isGoAway } from './muxerFrames.ts'

/** The most that one message of noise carries, which has 65 535 with its tag. So much goes out at once. */
export const MAX_JOINED_BYTES = 65_519

type Bytes = Parameters<MessageStream['send']>[0]

export class JoinedSends {
  readonly #stream: MessageStream
  readonly #clock: Clock
  readonly #send: MessageStream['send']
  #pieces: Uint8Array[] = []
  #bytes = 0
  #isDue = false

  /** @param send of the stream, which must not be used any more but by this */
  constructor(stream: MessageStream, clock: Clock, send: MessageStream['send']) {
    this.#stream = stream
    this.#clock = clock
    this.#send = send
  }

  /** False when the sender should wait for `drain`, or nothing can be sent any more: that goes nowhere. */
  send(data: Bytes): boolean {
    if (this.#stream.status !== 'open') return false
    const first = this.#pieces.length
    if (data instanceof Uint8Array) this.#pieces.push(data)
    else this.#pieces.push(...data)
    this.#bytes += data.byteLength
    // Nothing follows the end of the muxer's session but that of the connection, which does not wait.
    if (this.#bytes >= MAX_JOINED_BYTES || isGoAway(this.#pieces[first]!)) return this.#flush()
    if (!this.#isDue) {
      this.#isDue = true
      this.#clock.after(0, () => {
        this.#isDue = false
        this.#flush()
      })
    }
    return !this.#stream.writableNeedsDrain
  }

  /**
   * Yamux sends without looking whether the connection is still there, in callbacks of its own where nobody catches what
   * is thrown: a connection that ended in the moment in which a stream was opened on it would end the process. Its `close`
   * event says that it has ended.
   */
  #flush(): boolean {
    if (this.#bytes === 0) return true
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : concatBytes(...this.#pieces)
    this.#pieces = []
    this.#bytes = 0
    if (this.#stream.status !== 'open') return false
    try {
      return this.#send(bytes)
    } catch (error) {
      this.#stream.abort(error instanceof Error ? error : new Error(String(error)))
      return false
    }
  }
}
