import type { Stream } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { encodeFrame, FrameBudgets } from './framing.ts'
import { Judging } from './judging.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { manualClock } from './manualClock.ts'
import type { PushGossip } from './push.ts'
import { PushStreams } from './pushStreams.ts'

/** What libp2p gives for a stream whose connection was closed while the stream was paused. */
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

it('ends a paused stream whose connection is gone, instead of the process', async () => {
  const judged: (() => void)[] = []
  const push = {
    heard: () => undefined,
    receive: () => new Promise<null>((resolve) => judged.push(() => resolve(null))),
  } as unknown as PushGossip
  const limits = { ...DEFAULT_LIMITS, pendingMessagesPerPeer: 1 }
  const streams = new PushStreams({
    clock: manualClock(),
    limits,
    budgets: new FrameBudgets(1_000_000, () => false),
    judging: new Judging(limits, () => false),
    protocols: { urgent: 'push', bulk: 'push-bulk' },
    push,
    isNamed: () => false,
    turn: () => null,
    connectionTo: () => undefined,
    onViolation: () => undefined,
    onDebug: () => undefined,
  })
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
