import type { Connection, ConnectionEncrypter, MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { FrameBudgets } from '../framing/heldBytes.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { ConnectionGuard } from './connectionGuard.ts'

/** A connection of which only what the guard does is seen. */
class FakeStream extends EventTarget {
  readonly direction = 'outbound'
  readonly writeBufferLength = 0
  status = 'open'
  paused = false
  pause() {
    this.paused = true
  }
  resume() {
    this.paused = false
  }
  abort() {
    this.status = 'aborted'
  }
  send(): boolean {
    return true
  }
}

it('reads a peer later that sent more than its part of frames, and others at once, named peers among themselves', async () => {
  const clock = manualClock()
  const guard = new ConnectionGuard({
    limits: { ...DEFAULT_LIMITS, framesPerSecond: 100 },
    clock,
    budgets: new FrameBudgets(
      1_000_000,
      () => false,
      () => 0,
      0,
    ),
    isNamed: (peer) => peer.startsWith('named'),
    isServed: () => true,
  })
  const muxer = guard.muxer(
    () =>
      ({
        createStreamMuxer: () => ({ streams: [], createStream: async () => ({}) }) as unknown as StreamMuxer,
      }) as unknown as StreamMuxerFactory,
  )()
  const connect = async (peer: string) => {
    const stream = new FakeStream()
    const secured = { connection: stream as unknown as MessageStream, remotePeer: { toString: () => peer } }
    const encrypter = guard.encrypter(() => ({ secureOutbound: async () => secured }) as unknown as ConnectionEncrypter)
    await encrypter(undefined).secureOutbound(stream as unknown as Connection & MessageStream)
    muxer.createStreamMuxer(stream as unknown as MessageStream)
    return stream
  }
  const send = (stream: FakeStream, frames: number) => {
    const bytes = new Uint8Array(12 * frames)
    for (let at = 0; at < frames; at++) bytes[12 * at + 1] = 1
    stream.dispatchEvent(Object.assign(new Event('message'), { data: bytes }))
  }
  const [flood, honest, named] = [await connect('flood'), await connect('honest'), await connect('named')]
  // Ten in a tenth of a second.
  send(flood, 10)
  send(honest, 4)
  expect([flood.paused, honest.paused]).toEqual([false, false])
  send(flood, 1)
  send(named, 4)
  send(honest, 1)
  expect([flood, honest, named].map(({ paused }) => paused)).toEqual([true, false, false])
  const hostile = await connect('named too')
  send(hostile, 1_000)
  send(named, 1)
  expect([hostile.paused, named.paused]).toEqual([true, false])
  await clock.advance(100)
  expect([flood.paused, hostile.paused]).toEqual([false, false])
  expect([flood, honest, named].map(({ status }) => status)).toEqual(['open', 'open', 'open'])
})
