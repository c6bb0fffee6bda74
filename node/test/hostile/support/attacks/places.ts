/** Attacks on what there is only so much of: who is asked for an announced message. */
import { concatBytes } from '../../../../src/codec/bytes.ts'
import { encodeFrame } from '../../../../src/network/framing/framing.ts'
import type { Attacker } from '../attacker.ts'
import type { Attack, AttackContext } from '../attacks.ts'

const ANNOUNCERS = 8
/** Below what a node takes for a flood: 8 192 a second, 65 536 saved up. */
const IDS_PER_TURN = 256
const TURN = 50
/** After an attack with many connections the victim takes no more from this host for a second. */
const JOIN_ATTEMPTS = 20

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function joined(context: AttackContext, count: number): Promise<Attacker[]> {
  const attackers: Attacker[] = []
  while (attackers.length < count) {
    const attacker = await context.attacker()
    for (let attempt = 1; ; attempt++) {
      try {
        await attacker.join()
        break
      } catch (error) {
        if (attempt === JOIN_ATTEMPTS) throw error
        await pause(200)
      }
    }
    attackers.push(attacker)
  }
  return attackers
}

export const PLACES_ATTACKS: readonly Attack[] = [
  {
    name: 'many that announce the same nothing first',
    outcome: 'bounded',
    async run(context) {
      const attackers = await joined(context, ANNOUNCERS)
      const push = attackers[0]!.names.protocol('push')
      while (performance.now() < context.until) {
        const ids = Array.from({ length: IDS_PER_TURN }, () => context.random.bytes(32))
        const have = encodeFrame(concatBytes(Uint8Array.of(0x10), ...ids))
        await Promise.all(attackers.map((attacker) => attacker.isConnected && attacker.write(push, have)))
        await pause(TURN)
      }
      return attackers
    },
  },
]
