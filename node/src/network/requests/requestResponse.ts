/**
 * Requests to one peer: one stream each. The asker sends one frame and closes its end. The answer is one frame
 * `status, frame count` (1 byte, 2 bytes big-endian) and then that many frames; status 0 is an answer, and 1 a refusal
 * whose one frame is the reason (UTF-8). Both sides bound sizes, counts, time and how many run at once.
 */
import type { Connection, Stream } from '@libp2p/interface'
import { Quota } from '../../bounds/quota.ts'
import type { Clock } from '../../runtime/clock.ts'
import { encodeFrame } from '../framing/framing.ts'
import type { FrameBudgets, Room } from '../framing/heldBytes.ts'
import { peerText } from '../framing/peerText.ts'
import { deadline, FrameQueue, messageOf, sendFrame } from '../framing/streamFrames.ts'
import type { NetworkLimits } from '../limits.ts'
import type { RequestHandler, RequestOptions } from '../network.ts'
import { NetworkError } from '../networkError.ts'
import { type Place, Places } from './places.ts'

const STATUS_BYTES = 3
const MAX_REASON_BYTES = 512

/** Asks on a new stream of `connection`. @throws NetworkError. */
export async function ask(
  connection: Connection,
  protocol: string,
  request: Uint8Array,
  options: RequestOptions & { readonly clock: Clock; readonly limits: NetworkLimits; readonly room: Room },
): Promise<readonly Uint8Array[]> {
  const { clock, limits, signal } = options
  const most = {
    frames: Math.min(limits.responseFrames, options.maxFrames ?? limits.responseFrames),
    bytes: Math.min(limits.responseBytes, options.maxBytes ?? limits.responseBytes),
  }
  if (request.length > limits.requestBytes) {
    throw new RangeError(`a request of ${request.length} bytes, at most ${limits.requestBytes} are allowed`)
  }
  const stream = await openStream(connection, protocol, clock, limits.firstByteTimeout)
  const frames = new FrameQueue(stream, {
    // A refusal is a frame of its own, and small.
    maxFrameBytes: Math.min(limits.frameBytes, Math.max(most.bytes, MAX_REASON_BYTES)),
    maxWaiting: most.frames + 1,
    room: options.room,
  })
  const timeout = (what: string, milliseconds: number) => () =>
    frames.fail(new NetworkError('timeout', `no ${what} of the answer within ${milliseconds} ms`))
  const cancelFirst = clock.after(limits.firstByteTimeout, timeout('first byte', limits.firstByteTimeout))
  const cancelAll = clock.after(limits.responseTimeout, timeout('end', limits.responseTimeout))
  frames.onFirstByte(cancelFirst)
  const aborted = () => frames.fail(new NetworkError('aborted', 'the answer is not wanted any more'))
  signal?.addEventListener('abort', aborted)
  try {
    if (signal?.aborted === true) aborted()
    await sendFrame(stream, encodeFrame(request))
    // The stream stays readable; the answerer knows that no more comes.
    void stream.close().catch(() => undefined)
    return await readAnswer(frames, most, options.onFrame)
  } catch (error) {
    const failure = error instanceof NetworkError ? error : new NetworkError('not-connected', messageOf(error))
    stream.abort(failure)
    throw failure
  } finally {
    cancelFirst()
    cancelAll()
    signal?.removeEventListener('abort', aborted)
  }
}

async function openStream(connection: Connection, protocol: string, clock: Clock, timeout: number): Promise<Stream> {
  const limit = deadline(clock, timeout, 'opening a stream')
  try {
    // Optimistic: the protocol's name and the request go out together, which saves a round trip.
    return await connection.newStream(protocol, { signal: limit.signal, negotiateFully: false })
  } catch (error) {
    if (error instanceof NetworkError) throw error
    const unsupported = error instanceof Error && error.name === 'UnsupportedProtocolError'
    throw new NetworkError(unsupported ? 'unsupported' : 'not-connected', messageOf(error))
  } finally {
    limit.cancel()
  }
}

async function readAnswer(
  frames: FrameQueue,
  most: { readonly frames: number; readonly bytes: number },
  onFrame: RequestOptions['onFrame'],
): Promise<readonly Uint8Array[]> {
  const head = await frames.next()
  const [status] = head
  if (head.length !== STATUS_BYTES || (status !== 0 && status !== 1)) {
    throw new NetworkError('protocol-violation', 'an answer that begins with neither an answer nor a refusal')
  }
  const count = new DataView(head.buffer, head.byteOffset).getUint16(1, false)
  if (status === 1 ? count !== 1 : count > most.frames) {
    throw new NetworkError('protocol-violation', `an answer of ${count} frames, at most ${most.frames} are allowed`)
  }
  const answer: Uint8Array[] = []
  let bytes = 0
  while (answer.length < count) {
    const frame = await frames.next()
    bytes += frame.length
    if (bytes > Math.max(most.bytes, status === 1 ? MAX_REASON_BYTES : 0)) {
      throw new NetworkError('protocol-violation', `an answer of more than ${most.bytes} bytes`)
    }
    answer.push(frame)
    if (status === 0) onFrame?.(frame)
  }
  if (status === 1) throw new NetworkError('refused', peerText(answer[0]!.subarray(0, MAX_REASON_BYTES)))
  return answer
}

export interface AnsweringOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly budgets: FrameBudgets
  /** False for a peer whose handshake is not done. */
  accepts(peer: string): boolean
  /** Named at start: answered even while others use up what there is. */
  isNamed(peer: string): boolean
  /** Equal for peers that may be one: those of one address. */
  groupOf(peer: string): string
  /** The peer has read a long answer whole. */
  onRead?(peer: string): void
  /** The peer broke the protocol. */
  onViolation(peer: string, what: string): void
}

/** Answers requests of all protocols within the limits. */
export class Answering {
  readonly #options: AnsweringOptions
  /** By peer and protocol, and by peer. */
  readonly #running = new Map<string, number>()
  readonly #quotas = new Map<string, Quota>()
  readonly #places: Places

  constructor(options: AnsweringOptions) {
    this.#options = options
    this.#places = new Places(options)
  }

  /** For libp2p's `handle`. Never throws. */
  async answer(stream: Stream, peer: string, protocol: string, handler: RequestHandler): Promise<void> {
    const { clock, limits, budgets } = this.#options
    const room = budgets.of(peer)
    const frames = new FrameQueue(stream, { maxFrameBytes: limits.requestBytes, maxWaiting: 1, room })
    const cancel = clock.after(limits.responseTimeout, () =>
      frames.fail(new NetworkError('timeout', 'the request or its answer took too long')),
    )
    try {
      const request = await frames.next()
      const refusal = this.#admit(peer, protocol)
      if (refusal !== null) return await refuse(stream, refusal)
      try {
        const place = await this.#places.enter(peer)
        if (typeof place === 'string') return await refuse(stream, place)
        await this.#serve(stream, place, () => handler(request, peer))
      } finally {
        this.#release(peer, protocol)
      }
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      if (failure instanceof NetworkError) {
        if (failure.code === 'protocol-violation') this.#options.onViolation(peer, failure.message)
        stream.abort(failure)
      } else await refuse(stream, failure.message).catch(() => stream.abort(failure))
    } finally {
      cancel()
    }
  }

  forget(peer: string): void {
    this.#quotas.delete(peer)
    this.#places.forget(peer)
  }

  async #serve(stream: Stream, place: Place, handler: () => Promise<readonly Uint8Array[]>): Promise<void> {
    let wasRead = false
    try {
      // No answer is made for a peer that left while it waited.
      if (stream.status !== 'open') throw new NetworkError('not-connected', 'the peer reset the stream')
      await this.#reply(stream, place, await handler())
      wasRead = true
    } finally {
      place.leave(wasRead)
    }
  }

  async #reply(stream: Stream, place: Place, answer: readonly Uint8Array[]): Promise<void> {
    const { limits } = this.#options
    const bytes = answer.reduce((sum, frame) => sum + frame.length, 0)
    if (answer.length > limits.responseFrames || bytes > limits.responseBytes) {
      throw new Error(`the answer has ${answer.length} frames and ${bytes} bytes, which is over the limit`)
    }
    let notGiven = bytes
    place.sending({
      bytes,
      unsent: () => notGiven + stream.writeBufferLength,
      abort: () => stream.abort(new NetworkError('timeout', 'the answer was not read, and others wait')),
    })
    await sendFrame(stream, encodeFrame(statusFrame(0, answer.length)))
    for (const frame of answer) {
      notGiven -= frame.length
      await sendFrame(stream, encodeFrame(frame))
    }
    await stream.close()
  }

  /** Null when the request may have a place; it must then be released. */
  #admit(peer: string, protocol: string): string | null {
    const { limits, clock } = this.#options
    if (!this.#options.accepts(peer)) return 'no handshake yet'
    const now = clock.monotonic()
    const quota = this.#quotas.get(peer) ?? new Quota(limits.requestsPerSecond, 2 * limits.requestsPerSecond, now)
    this.#quotas.set(peer, quota)
    if (!quota.take(now)) return `busy: at most ${limits.requestsPerSecond} requests a second`
    const key = `${peer} ${protocol}`
    const running = this.#running.get(key) ?? 0
    if (running >= limits.inboundRequestsPerPeer) return `busy: ${running} requests of yours are being answered`
    const ofPeer = this.#running.get(peer) ?? 0
    if (ofPeer >= limits.inboundRequestsOfPeer) return `busy: ${ofPeer} requests of yours are being answered`
    this.#running.set(key, running + 1)
    this.#running.set(peer, ofPeer + 1)
    return null
  }

  #release(peer: string, protocol: string): void {
    for (const key of [`${peer} ${protocol}`, peer]) {
      const running = (this.#running.get(key) ?? 1) - 1
      if (running === 0) this.#running.delete(key)
      else this.#running.set(key, running)
    }
  }
}

function statusFrame(status: 0 | 1, count: number): Uint8Array {
  const bytes = new Uint8Array(STATUS_BYTES)
  bytes[0] = status
  new DataView(bytes.buffer).setUint16(1, count, false)
  return bytes
}

async function refuse(stream: Stream, reason: string): Promise<void> {
  await sendFrame(stream, encodeFrame(statusFrame(1, 1)))
  await sendFrame(stream, encodeFrame(new TextEncoder().encode(reason).subarray(0, MAX_REASON_BYTES)))
  await stream.close()
}
