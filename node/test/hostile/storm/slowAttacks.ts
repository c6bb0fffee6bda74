/** The attacks of somebody who lies in nothing but takes his time: answers, and announcements of what is really there. */
import { concatBytes } from '../../../src/codec/bytes.ts'
import { encodeFrame } from '../../../src/network/framing/framing.ts'
import { messageId, TOPICS } from '../../../src/network/topics.ts'
import { encodeStatus } from '../../../src/sync/messages.ts'
import type { Attacker } from '../support/attacker.ts'
import { going, pause } from '../support/steps.ts'
import type { StormAttack, StormContext } from './attacks.ts'

const HAVE = 0x10
const ID_BYTES = 32
/** Peers of each node that answer slowly. */
const SERVERS = 3
/** How late what was announced is sent, below what breaks a promise. Milliseconds. */
const DELAY = 2_000
/** Above the chain's height, as much as many blocks to come. */
const CLAIMED = 1_000_000n

async function joinedAtEach(context: StormContext, count: number, prepare: (attacker: Attacker) => Promise<void>) {
  const attackers: Attacker[] = []
  for (const node of context.network.addresses.keys()) {
    for (let made = 0; made < count; made++) {
      const attacker = await context.attackerOf(node)
      await prepare(attacker)
      // A node may be down, or take no more for a second.
      await attacker.join().catch(() => undefined)
      attackers.push(attacker)
    }
  }
  return attackers
}

export const SLOW_ATTACKS: readonly StormAttack[] = [
  {
    name: 'true announcements, kept late',
    async run(context) {
      const attackers: Attacker[] = []
      // The attacker announces one node's messages to the others at once, and sends them too late.
      const spread = (from: Attacker, frame: Uint8Array) => {
        const others = attackers.filter((attacker) => attacker !== from && attacker.isConnected)
        const push = from.names.protocol('push')
        if (frame[0] === HAVE && frame.length % ID_BYTES === 1) {
          for (const other of others) void other.write(push, encodeFrame(frame))
          return
        }
        const topic = TOPICS[frame[0] ?? TOPICS.length]
        if (topic === undefined) return
        const payload = frame.slice(1)
        const have = encodeFrame(concatBytes(Uint8Array.of(HAVE), messageId(from.names.topic[topic], payload)))
        for (const other of others) {
          void other.write(push, have)
          void pause(DELAY).then(() => going(context) && other.isConnected && other.push(topic, payload))
        }
      }
      attackers.push(
        ...(await joinedAtEach(context, 1, (attacker) => attacker.hear((frame) => spread(attacker, frame)))),
      )
      while (going(context)) await pause(50)
    },
  },
  {
    name: 'heights far ahead, and answers that do not come',
    async run(context) {
      const height = BigInt(await context.height()) + CLAIMED
      const status = encodeStatus({ height, hash: context.random.bytes(32), first: 0n })
      const late = () => pause(Math.max(0, context.until - performance.now())).then(() => [])
      const attackers = await joinedAtEach(context, SERVERS, async (attacker) => {
        await attacker.serve('status', async () => [status])
        for (const name of ['blocks', 'state', 'handovers', 'pool-hashes']) await attacker.serve(name, late)
      })
      while (going(context)) {
        await pause(1_000)
        for (const attacker of attackers) if (!attacker.isConnected) await attacker.join().catch(() => undefined)
      }
    },
  },
]
