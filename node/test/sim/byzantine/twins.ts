/**
 * Twins (Bano et al., arXiv:2004.10617): one identity run twice. Each twin is the correct program with its own memory, so
 * together they propose and vote for two things in one round, and each is believable to whoever hears only that one.
 */
import { FIRST_BYZANTINE } from '../simTransactions.ts'
import { type Actor, type ActorOptions, giveWork } from './actor.ts'

export function twins({ index, key, world }: ActorOptions): Actor {
  const nodes = ['a', 'b'].map((twin) =>
    world.kind.createNode({ index, id: `${index}${twin}`, key, world, correct: false }),
  )
  return {
    ids: nodes.map(({ id }) => id),
    start() {
      for (const [position, node] of nodes.entries()) {
        void node.start()
        giveWork(world, node, FIRST_BYZANTINE + 2 * index + position)
      }
    },
  }
}
