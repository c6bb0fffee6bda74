/** The attacks of somebody with any number of identities on all nodes at once. */
import { going, many, pause } from '../support/steps.ts'
import type { StormAttack, StormContext } from './attacks.ts'

/** Identities that come and go at a time, of each node. */
const AT_ONCE = 4

export const CROWD_ATTACKS: readonly StormAttack[] = [
  {
    name: 'joins and leaves at each node',
    async run(context: StormContext) {
      const one = async (node: number) => {
        while (going(context)) {
          const attacker = await context.attackerOf(node)
          await attacker.join().catch(() => undefined)
          await pause(context.random.below(300))
          await attacker.stop()
        }
      }
      await Promise.all(context.network.addresses.flatMap((_, node) => many(AT_ONCE, () => one(node))))
    },
  },
  {
    name: 'as many peers as a node has places',
    async run(context: StormContext) {
      while (going(context)) {
        const attacker = await context.attacker()
        await attacker.join().catch(() => undefined)
        await pause(10)
      }
    },
  },
]
