import type { Stream } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { concatBytes } from '../../codec/bytes.ts'
import { judgingOfLanes } from '../conduct/judging.ts'
import { encodeFrame } from '../framing/framing.ts'
import { FrameBudgets } from '../framing/heldBytes.ts'
import { DEFAULT_LIMITS, type NetworkLimits } from '../limits.ts'
import { TOPICS } from '../topics.ts'
import type { PushGossip } from './push.ts'
import { PushStreams, type PushStreamsOptions } from './pushStreams.ts'

/** The object libp2p gives for a stream whose connection was closed while the stream was paused. */
class CutOffStream extends EventTarget {
  readStatus: 'readable' | 'paused' | 'closed' = 'readable'
  pause(): void {
    this.readStatus = 'paused'
  }
  resume(): void {
    throw new Error('Cannot write to a stream that is closed')
  }
  abort(): void {
    this.readStatus = 'closed'
    this.dispatchEvent(new Event('close'))
  }
}

class OpenStream extends CutOffStream {
  override resume(): void {
    this.readStatus = 'readable'
  }
}

function streamsOf(
  push: PushGossip,
  limits: NetworkLimits,
  turn: PushStreamsOptions['turn'] = () => null,
): PushStreams {
  return new PushStreams({
    clock: manualClock(),
    limits,
    budgets: new FrameBudgets(
      1_000_000,
      () => false,
      () => 0,
      0,
    ),
    judging: judgingOfLanes(limits, () => false),
    protocols: { urgent: 'push', bulk: 'push-bulk' },
    push,
    isNamed: () => false,
    turn,
    connectionTo: () => undefined,
    onViolation: () => undefined,
    onDebug: () => undefined,
  })
}

it('ends a paused stream whose connection is gone, instead of the process', async () => {
  const judged: (() => void)[] = []
  const push = {
    heard: () => undefined,
    receive: () => new Promise<null>((resolve) => judged.push(() => resolve(null))),
  } as unknown as PushGossip
  const streams = streamsOf(push, { ...DEFAULT_LIMITS, pendingMessagesPerPeer: 1 })
  const stream = new CutOffStream()
  streams.accept(stream as unknown as Stream, 'peer', 'urgent')
  const frame = encodeFrame(new Uint8Array([0, 1]))
  const message = new Event('message')
  stream.dispatchEvent(Object.assign(message, { data: new Uint8Array([...frame, ...frame]) }))
  expect(stream.readStatus).toBe('paused')
  for (const settle of judged) settle()
  // A rejection that nobody handles would fail the test run here, and ends a node.
  await new Promise((resolve) => setImmediate(resolve))
  expect(stream.readStatus).toBe('closed')
})

it('cuts no more frames of what came than are judged, and loses none', async () => {
  const judged: { readonly frame: Uint8Array; readonly settle: () => void }[] = []
  const push = {
    heard: () => undefined,
    receive: (_peer: string, frame: Uint8Array) =>
      new Promise<null>((resolve) => judged.push({ frame, settle: () => resolve(null) })),
  } as unknown as PushGossip
  const limits = { ...DEFAULT_LIMITS, pendingMessagesPerPeer: 2 }
  const streams = streamsOf(push, limits)
  const stream = new OpenStream()
  streams.accept(stream as unknown as Stream, 'peer', 'urgent')
  const count = 20_000
  const bytes = new Uint8Array(6 * count)
  for (let number = 0; number < count; number++) {
    bytes.set(encodeFrame(Uint8Array.of(number & 255, number >> 8)), 6 * number)
  }
  stream.dispatchEvent(Object.assign(new Event('message'), { data: bytes }))
  expect(stream.readStatus).toBe('paused')
  for (let at = 0; at < count; at++) {
    while (judged.length === at) await new Promise((resolve) => setImmediate(resolve))
    judged[at]!.settle()
    if (at % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(judged.map(({ frame }) => frame[0]! | (frame[1]! << 8))).toEqual(Array.from({ length: count }, (_, n) => n))
  await new Promise((resolve) => setImmediate(resolve))
  expect(stream.readStatus).toBe('readable')
})

it('reads votes while transactions of the same peer wait for their turn', () => {
  const heard: number[] = []
  const push = {
    heard: () => undefined,
    receive: async (_peer: string, frame: Uint8Array) => {
      heard.push(frame[0]!)
      return null
    },
  } as unknown as PushGossip
  const limits = { ...DEFAULT_LIMITS, pendingMessagesPerPeer: 4 }
  const streams = streamsOf(push, limits, (_peer, kind) => (kind === 'tx' ? new Promise(() => undefined) : null))
  const [urgent, bulk] = [new OpenStream(), new OpenStream()]
  streams.accept(urgent as unknown as Stream, 'peer', 'urgent')
  streams.accept(bulk as unknown as Stream, 'peer', 'bulk')
  const frames = (kind: number) => concatBytes(...Array.from({ length: 20 }, () => encodeFrame(Uint8Array.of(kind, 1))))
  bulk.dispatchEvent(Object.assign(new Event('message'), { data: frames(TOPICS.indexOf('tx')) }))
  expect([bulk.readStatus, heard]).toEqual(['paused', []])
  urgent.dispatchEvent(Object.assign(new Event('message'), { data: encodeFrame(Uint8Array.of(2, 1)) }))
  expect([urgent.readStatus, heard]).toEqual(['readable', [TOPICS.indexOf('consensus')]])
})
