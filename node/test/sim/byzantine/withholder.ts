/** The correct program, except that every message it sends reaches a random part of the network only, and some nobody. */
import type { Network } from '../../../src/network/network.ts'
import type { SimNetwork } from '../simNetwork.ts'
import { FIRST_BYZANTINE } from '../simTransactions.ts'
import type { SimWorld } from '../simWorld.ts'
import { type Actor, type ActorOptions, giveWork } from './actor.ts'

export function withholder({ index, key, world, others }: ActorOptions): Actor {
  const id = `${index}w`
  const selective: Pick<SimNetwork, 'connect' | 'disconnect'> = {
    disconnect: (of) => world.network.disconnect(of),
    connect(of, isUp) {
      const network = world.network.connect(of, isUp)
      const publish: Network['publish'] = async (topic, message) => {
        for (const to of others) if (world.random.chance(0.4)) network.sendTo(to, topic, message)
      }
      const send: Network['send'] = async (to, topic, message) => {
        if (world.random.chance(0.4)) network.sendTo(to, topic, message)
      }
      return { ...network, publish, send }
    },
  }
  const ownWorld: SimWorld = { ...world, network: selective as SimNetwork }
  ownWorld.trace = (line) => world.trace(line)
  const node = world.kind.createNode({ index, id, key, world: ownWorld, correct: false })
  return {
    ids: [id],
    start() {
      void node.start()
      giveWork(world, node, FIRST_BYZANTINE + 2 * index)
    },
  }
}
