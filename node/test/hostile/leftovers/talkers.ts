/**
 * A process of its own with three networks that talk: each names the others, says messages of every topic, small ones as
 * votes are and some as large as proposals, and hears those of the others. What their libraries and we keep of messages
 * is bounded; whoever looks at this process sees whether it is (messagesCommand.ts).
 */
import { randomFillSync } from 'node:crypto'
import type { Network, Topic } from '../../../src/network/network.ts'
import { stopNetworks, testNetwork, until } from '../../../src/network/testing/testNetworks.ts'
import { TOPICS } from '../../../src/network/topics.ts'
import { installCrypto } from '../../../src/runtime/installCrypto.ts'

/** To the process: so many more, of all networks together. */
export interface Say {
  readonly messages: number
}

/** From the process: first that the networks are connected, with nothing heard, and then what came of each {@link Say}. */
export interface Said {
  readonly heard: number
  /** What did not happen; null where everything was heard. */
  readonly failure: string | null
}

const NETWORKS = 3
/** Each network's, before all of them are waited for: few enough for every queue. */
const WAVE = 64
const SMALL_BYTES = 150
const LARGE_BYTES = 8 * 1024
/** One of so many is large. */
const LARGE_EVERY = 50
/** A wave takes milliseconds. */
const WAVE_TIMEOUT = 30_000

let heard = 0

async function connected(): Promise<Network[]> {
  const networks: Network[] = []
  const bootstrap: string[] = []
  for (let index = 0; index < NETWORKS; index++) {
    const { network, address } = await testNetwork(index, { bootstrap: [...bootstrap] })
    for (const topic of TOPICS) network.setGossipHandler(topic, hear)
    await network.start()
    networks.push(network)
    bootstrap.push(address())
  }
  await until(() => networks.every((network) => network.peers().length === NETWORKS - 1), 'all are connected')
  return networks
}

function hear(): 'accept' {
  heard += 1
  return 'accept'
}

/** Rounded up to whole waves. @returns how many were heard */
async function say(networks: readonly Network[], messages: number): Promise<number> {
  const before = heard
  let said = 0
  while (heard - before < messages) {
    const target = heard + NETWORKS * WAVE * (NETWORKS - 1)
    for (let i = 0; i < WAVE; i++) {
      for (const network of networks) network.publish(topicOf(said), messageOf(said++))
    }
    await until(() => heard >= target, `a wave is heard (${target - heard} are missing)`, WAVE_TIMEOUT)
  }
  return heard - before
}

function topicOf(index: number): Topic {
  return TOPICS[index % TOPICS.length]!
}

function messageOf(index: number): Uint8Array {
  return randomFillSync(new Uint8Array(index % LARGE_EVERY === 0 ? LARGE_BYTES : SMALL_BYTES))
}

await installCrypto()
const networks = await connected()
process.on('message', ({ messages }: Say) => {
  const answer = (said: Said) => process.send!(said)
  say(networks, messages).then(
    (count) => answer({ heard: count, failure: null }),
    (error: unknown) => answer({ heard: 0, failure: (error as Error).message }),
  )
})
process.on('disconnect', () => void stopNetworks())
process.send!({ heard: 0, failure: null } satisfies Said)
