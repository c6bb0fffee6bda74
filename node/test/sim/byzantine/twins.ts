/**
 * Twins (Bano et al., arXiv:2004.10617): one identity run twice. Each twin is the correct program with its own memory, so
 * together they propose and vote for two things in one round, and each is believable to whoever hears only that one.
 */
import { SimNode } from '../simNode.ts'
import type { Actor, ActorOptions } from './actor.ts'

export function twins({ index, key, world }: ActorOptions): Actor {
  const nodes = ['a', 'b'].map((twin) => new SimNode({ index, id: `${index}${twin}`, key, world, correct: false }))
  return {
    ids: nodes.map(({ id }) => id),
    start() {
      for (const [position, node] of nodes.entries()) {
        // Each has work of its own, so they propose different blocks.
        node.pool.add(0x10000 + 2 * index + position)
        void node.start()
      }
    },
  }
}
