/**
 * Frames over one libp2p 3 stream. Such a stream is an EventTarget: it pushes `message` events, `send()` answers false
 * when the transport is full, and `drain` says when to go on.
 */
import type { MessageStream, Stream } from '@libp2p/interface'
import type { Clock } from '../../runtime/clock.ts'
import { NetworkError } from '../networkError.ts'
import { BudgetError, FrameReader, FramingError } from './framing.ts'
import type { Room } from './heldBytes.ts'

export interface FrameQueueOptions {
  readonly maxFrameBytes: number
  readonly room: Room
  /** Frames that may wait to be taken; a peer that sends more at once breaks the protocol. */
  readonly maxWaiting: number
}

/** Reads frames one at a time, for protocols in which a known number of them is due. */
export class FrameQueue {
  readonly #stream: Stream
  readonly #reader: FrameReader
  readonly #frames: Uint8Array[] = []
  readonly #maxWaiting: number
  #failure: NetworkError | null = null
  #wake: (() => void) | null = null
  #onFirstByte: (() => void) | null = null

  constructor(stream: Stream, options: FrameQueueOptions) {
    this.#stream = stream
    this.#maxWaiting = options.maxWaiting
    this.#reader = new FrameReader(options.maxFrameBytes, options.room, ({ message }) =>
      this.fail(new NetworkError('busy', message)),
    )
    stream.addEventListener('message', (event) => {
      if (this.#failure !== null) return
      this.#onFirstByte?.()
      try {
        this.#frames.push(...this.#reader.push(event.data.subarray()))
        if (this.#frames.length > this.#maxWaiting) throw new FramingError('more frames than the protocol allows')
      } catch (error) {
        if (!(error instanceof FramingError)) throw error
        this.fail(new NetworkError(error instanceof BudgetError ? 'busy' : 'protocol-violation', error.message))
        return
      }
      this.#wake?.()
    })
    // `end` comes after the last byte was handed over, unlike `remoteCloseWrite`; `close` comes when there is no end.
    const ended = () => this.#finish(new NetworkError('not-connected', 'the peer closed the stream too early'))
    stream.addEventListener('end', ended)
    stream.addEventListener('close', ended)
    if (stream.readableEnded || stream.status !== 'open') ended()
  }

  onFirstByte(listener: () => void): void {
    this.#onFirstByte = () => {
      this.#onFirstByte = null
      listener()
    }
  }

  /** Ends waiting with this failure and resets the stream. */
  fail(failure: NetworkError): void {
    this.#finish(failure)
    this.#stream.abort(failure)
  }

  #finish(failure: NetworkError): void {
    this.#failure ??= failure
    this.#reader.close()
    this.#wake?.()
  }

  /** @throws NetworkError when the stream ended or failed first. */
  async next(): Promise<Uint8Array> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame !== undefined) return frame
      if (this.#failure !== null) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = null
    }
  }
}

/** Sends with respect for a full transport. @throws NetworkError when the stream is gone. */
export async function sendFrame(stream: Stream, frame: Uint8Array): Promise<void> {
  try {
    if (!stream.send(frame)) await stream.onDrain()
  } catch (error) {
    throw new NetworkError('not-connected', `the stream is closed: ${messageOf(error)}`)
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export interface Deadline {
  readonly signal: AbortSignal
  cancel(): void
}

/** An abort signal on the node's clock. */
export function deadline(clock: Clock, milliseconds: number, what: string): Deadline {
  const controller = new AbortController()
  const cancel = clock.after(milliseconds, () =>
    controller.abort(new NetworkError('timeout', `${what} took more than ${milliseconds} ms`)),
  )
  return { signal: controller.signal, cancel }
}

/** A paused stream does not learn that its connection was closed; telling the peer to go on is what finds out. */
export function resume(stream: MessageStream): void {
  try {
    stream.resume()
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
  }
}

export function isPaused(stream: Stream): boolean {
  return stream.readStatus === 'paused'
}

export function isReadable(stream: Stream): boolean {
  return stream.readStatus === 'readable'
}
