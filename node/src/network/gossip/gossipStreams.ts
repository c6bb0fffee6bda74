/**
 * The bytes for gossipsub, put together before its decoder gets them. The decoder keeps an object of some hundred bytes
 * for each piece of an RPC that is not whole, so single bytes in frames of their own cost a hundred times what they are;
 * and a stream that another has replaced is closed, but still read. So the pieces are put together here, within the
 * bounds of unfinished frames, and of each peer the last stream alone is read.
 */
import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, Stream } from '@libp2p/interface'
import { type BudgetError, FrameReader, FramingError, type LengthPrefix } from '../framing/framing.ts'
import type { FrameBudgets } from '../framing/heldBytes.ts'

/** 28 bits: more than any limit. */
const MAX_PREFIX_BYTES = 4

/** Seven bits a byte, the lowest first; all but the last have the eighth bit set. */
const VARINT: LengthPrefix = {
  read(bytes) {
    let length = 0
    for (let at = 0; at < Math.min(bytes.length, MAX_PREFIX_BYTES); at++) {
      length |= (bytes[at]! & 0x7f) << (7 * at)
      if (bytes[at]! < 0x80) return { prefixBytes: at + 1, length }
    }
    if (bytes.length < MAX_PREFIX_BYTES) return null
    throw new FramingError(`the length of an RPC has more than ${MAX_PREFIX_BYTES} bytes`)
  },
}

export interface GossipStreamsOptions {
  readonly budgets: FrameBudgets
  /** Of one RPC. */
  readonly maxBytes: number
}

/** The work of gossipsub on a stream that it reads. */
type ReadStream = AsyncIterable<Uint8Array> & Pick<Stream, 'close' | 'abort'>
type Handler = { onIncomingStream(stream: ReadStream, connection: Connection): void }

/** Stands in front of gossipsub, which must not have started: it registers its handler when it does. */
export function guardStreams(pubsub: GossipSub, options: GossipStreamsOptions): void {
  const handler = pubsub as unknown as Handler
  const handle = handler.onIncomingStream.bind(handler)
  const read = new Map<string, WholeRpcs>()
  handler.onIncomingStream = (stream, connection) => {
    const peer = connection.remotePeer.toString()
    const replaced = read.get(peer)
    const whole = new WholeRpcs(stream as Stream, peer, options, () => {
      if (read.get(peer) === whole) read.delete(peer)
    })
    read.set(peer, whole)
    handle(whole, connection)
    replaced?.replace()
  }
}

class WholeRpcs implements ReadStream {
  readonly #stream: Stream
  readonly #reader: FrameReader
  #isReplaced = false

  constructor(stream: Stream, peer: string, options: GossipStreamsOptions, onClosed: () => void) {
    this.#stream = stream
    const evicted = (error: BudgetError) => stream.abort(error)
    this.#reader = new FrameReader(options.maxBytes, options.budgets.of(peer), evicted, VARINT)
    stream.addEventListener('close', () => {
      this.#reader.close()
      onClosed()
    })
  }

  async *[Symbol.asyncIterator]() {
    try {
      for await (const piece of this.#stream) {
        for (const rpc of this.#reader.push(piece.subarray())) {
          yield varint(rpc.length)
          yield rpc
        }
      }
    } catch (error) {
      // An error would end what gossipsub has of the peer, also the stream that replaced this one.
      if (this.#isReplaced) return
      throw error
    } finally {
      // Gossipsub reads no more of it.
      this.#stream.abort(new Error('the stream for gossip is not read any more'))
    }
  }

  /** As gossipsub closes it: it is not written to, and still read. */
  close(): Promise<void> {
    return this.#stream.close()
  }

  abort(error: Error): void {
    this.#stream.abort(error)
  }

  /** The peer has opened another. */
  replace(): void {
    this.#isReplaced = true
    this.#stream.abort(new Error('replaced by a newer stream'))
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.from([...bytes, rest])
}
