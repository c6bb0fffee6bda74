/**
 * Answers `/ipfs/ping/1.0.0`: 32 bytes come back as they are. libp2p's own answers whatever is sent for ten seconds and
 * keeps what it could not send yet without a bound, so who sends and does not read fills the memory of a node.
 */
import type { Stream } from '@libp2p/interface'
import { Quota } from '../../bounds/quota.ts'
import type { Clock } from '../../runtime/clock.ts'
import { messageOf } from '../framing/streamFrames.ts'
import type { NetworkLimits } from '../limits.ts'

export const PING_PROTOCOL = '/ipfs/ping/1.0.0'
const PING_BYTES = 32

export type PingLimits = Pick<NetworkLimits, 'pingsPerSecond' | 'pingsBurst'>

/** For libp2p's `handle`. A stream that asks faster than the limits is reset. */
export function answerPings(stream: Stream, limits: PingLimits, clock: Clock): void {
  const quota = new Quota(limits.pingsPerSecond, limits.pingsBurst, clock.monotonic())
  const partial = new Uint8Array(PING_BYTES)
  let have = 0
  stream.addEventListener('message', (event) => {
    try {
      for (const chunk of pieces(event.data)) {
        for (let at = 0; at < chunk.length && stream.status === 'open'; ) {
          const taken = Math.min(PING_BYTES - have, chunk.length - at)
          partial.set(chunk.subarray(at, at + taken), have)
          have += taken
          at += taken
          if (have < PING_BYTES) continue
          have = 0
          if (!quota.take(clock.monotonic())) throw new Error(`over ${limits.pingsPerSecond} pings a second`)
          stream.send(partial.slice())
        }
      }
    } catch (error) {
      // A stream that cannot be written to is as good as gone.
      stream.abort(error instanceof Error ? error : new Error(messageOf(error)))
    }
  })
  stream.addEventListener('remoteCloseWrite', () => {
    void stream.close().catch((error: Error) => stream.abort(error))
  })
}

function pieces(data: Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  return data instanceof Uint8Array ? [data] : data
}
