import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { FrameBudgets } from '../framing/heldBytes.ts'
import { guardStreams } from './gossipStreams.ts'

/** A stream that gives what a test puts into it. */
class FakeStream extends EventTarget {
  readonly #pieces: Uint8Array[] = []
  #wake: () => void = () => undefined
  aborted: string | null = null

  put(...pieces: readonly Uint8Array[]): void {
    this.#pieces.push(...pieces)
    this.#wake()
  }

  async *[Symbol.asyncIterator]() {
    while (this.aborted === null) {
      const piece = this.#pieces.shift()
      if (piece !== undefined) yield { subarray: () => piece }
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    throw new Error(this.aborted)
  }

  abort(error: Error): void {
    if (this.aborted !== null) return
    this.aborted = error.message
    this.dispatchEvent(new Event('close'))
    this.#wake()
  }
}

type Handed = AsyncIterable<Uint8Array>

/** The bytes of each stream that gossipsub is handed, all kept, and the peers that had no room. */
function setup(budget: number) {
  const streams: Handed[] = []
  const pubsub = { onIncomingStream: (stream: Handed) => void streams.push(stream) }
  const withoutRoom: string[] = []
  const budgets = new FrameBudgets(
    budget,
    () => false,
    () => 0,
    0,
  )
  budgets.onWorst((peer) => void withoutRoom.push(peer))
  guardStreams(pubsub as unknown as GossipSub, { budgets, maxBytes: 1_000 })
  const open = (peer: string) => {
    const stream = new FakeStream()
    const connection = { remotePeer: peer } as unknown as Connection
    ;(pubsub.onIncomingStream as (stream: unknown, connection: Connection) => void)(stream, connection)
    const source = streams.at(-1)!
    const got: number[][] = []
    const failed = (async () => {
      for await (const piece of source) got.push([...piece])
      return null
    })().catch((error: Error) => error.message)
    return { stream, got, failed }
  }
  return { open, withoutRoom }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))
const bytes = (count: number, value = 1) => new Uint8Array(count).fill(value)

describe('streams for gossip', () => {
  it('hand on what is whole, however it was cut, and nothing of what is not', async () => {
    const { open } = setup(10_000)
    const { stream, got } = open('a')
    const wire = [2, 8, 9, 0x80 | (300 & 127), 300 >> 7, ...bytes(299)]
    stream.put(...wire.map((byte) => Uint8Array.of(byte)))
    await settled()
    expect(got).toEqual([[2], [8, 9]])
    stream.put(Uint8Array.of(1, 0, 1))
    await settled()
    expect(got.slice(2)).toEqual([[0x80 | (300 & 127), 300 >> 7], [...bytes(300)], [0], []])
  })

  it('end with a length over the limit, or one that has no end', async () => {
    const { open } = setup(10_000)
    const [long, endless] = [open('a'), open('b')]
    long.stream.put(Uint8Array.of(0x80 | (1_001 & 127), 1_001 >> 7))
    endless.stream.put(bytes(3, 0x80), bytes(1, 0x80))
    expect(await long.failed).toContain('a frame of 1001 bytes')
    expect(await endless.failed).toContain('more than 4 bytes')
    expect([long.stream.aborted, endless.stream.aborted]).not.toContain(null)
  })

  it('hold within the bound of unfinished frames: who holds most goes', async () => {
    const { open, withoutRoom } = setup(500)
    const begun = (count: number) => [Uint8Array.of(0x80 | (900 & 127), 900 >> 7), bytes(count)]
    const [large, small] = [open('large'), open('small')]
    large.stream.put(...begun(400))
    await settled()
    small.stream.put(...begun(200))
    await settled()
    expect([withoutRoom, small.stream.aborted]).toEqual([['large'], null])
    expect(large.stream.aborted).not.toBe(null)
    const larger = open('larger')
    larger.stream.put(...begun(450))
    await larger.failed
    expect(withoutRoom).toEqual(['large', 'larger'])
  })

  it('fail when they are reset by who sends', async () => {
    const { stream, failed } = setup(500).open('a')
    stream.abort(new Error('reset'))
    expect(await failed).toBe('reset')
  })

  it('end without an error when the peer opens another, and hold nothing', async () => {
    const { open, withoutRoom } = setup(500)
    const begun = [Uint8Array.of(0x80 | (900 & 127), 900 >> 7), bytes(400)]
    const first = open('a')
    first.stream.put(...begun)
    await settled()
    const next = open('a')
    expect([first.stream.aborted, await first.failed]).toEqual(['replaced by a newer stream', null])
    next.stream.put(...begun)
    await settled()
    expect([withoutRoom, next.stream.aborted]).toEqual([[], null])
  })
})
