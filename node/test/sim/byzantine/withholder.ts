/** The correct program, except that every message it sends reaches a random part of the network only, and some nobody. */
import type { Network } from '../../../src/network/network.ts'
import type { SimNetwork } from '../simNetwork.ts'
import { SimNode, type SimWorld } from '../simNode.ts'
import type { Actor, ActorOptions } from './actor.ts'

export function withholder({ index, key, world, others }: ActorOptions): Actor {
  const id = `${index}w`
  const selective: Pick<SimNetwork, 'connect'> = {
    connect(of, isUp) {
      const network = world.network.connect(of, isUp)
      const publish: Network['publish'] = async (topic, message) => {
        for (const to of others) if (world.random.chance(0.4)) network.sendTo(to, topic, message)
      }
      return { ...network, publish }
    },
  }
  const ownWorld: SimWorld = { ...world, network: selective as SimNetwork }
  ownWorld.trace = (line) => world.trace(line)
  const node = new SimNode({ index, id, key, world: ownWorld, correct: false })
  node.pool.add(0x10000 + 2 * index)
  return { ids: [id], start: () => void node.start() }
}
