/**
 * Peers with fresh identities that join a node, use it in some way and leave, thousands of them, a few at a time. What the
 * node holds afterwards has to be what it held before: ChainSafe's Lodestar lost 43 MB a day to peers that came and went
 * (#8969).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Attacker, MESHSUB, type Target } from '../support/attacker.ts'

/** Peers at a time. */
const LANES = 16
/** A node takes so many newcomers of one host a second (`inboundPerSecond`); a newcomer over it comes back. Milliseconds. */
const REFUSED_PAUSE = 200
/** A peer stays for so long, so that what a node does with new peers begins. Milliseconds. */
const STAY = 20

/** Bytes of heap and of memory outside of it that may be left of one join, over thousands of them. */
export const MAX_BYTES_PER_JOIN = 64

export interface JoinCounts {
  joined: number
  /** Came again later, since too many came at once. */
  refused: number
}

/** Resolves when so many peers have joined and left. */
export async function joinAndLeave(target: Target, joins: number, counts: JoinCounts): Promise<void> {
  const end = counts.joined + joins
  let begun = counts.joined
  const lane = async () => {
    while (begun < end) {
      const index = begun++
      while (!(await oneJoin(target, index))) {
        counts.refused++
        await sleep(REFUSED_PAUSE)
      }
      counts.joined++
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/** False when it was not let in. */
async function oneJoin(target: Target, index: number): Promise<boolean> {
  const peer = await Attacker.make(target)
  try {
    // Each fourth makes no status handshake, and hangs up in the midst of a stream.
    if (index % 4 === 3) await peer.connect()
    else await peer.join()
    await peer.open(index % 2 === 0 ? MESHSUB : peer.names.protocol('push'))
    await sleep(STAY)
    if (index % 16 === 1) await peer.connection?.close({ signal: AbortSignal.timeout(1_000) })
    return true
  } catch {
    // The node is full, or has ended a connection that was about to be closed.
    return false
  } finally {
    await peer.stop()
  }
}
