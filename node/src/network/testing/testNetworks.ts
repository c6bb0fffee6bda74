/** Real networks on loopback for tests. */
import { type LogLine, listLogger } from '../../../testing/logger.ts'
import { systemClock } from '../../runtime/clock.ts'
import { systemRandomness } from '../../runtime/randomness.ts'
import { createLibp2pNetwork, type Libp2pNetworkOptions } from '../libp2p.ts'
import type { DiallingNetwork, Network } from '../network.ts'

export const TEST_GENESIS = new Uint8Array(32).fill(7)

export interface TestNetwork {
  readonly network: DiallingNetwork
  readonly log: LogLine[]
  /** The address others dial. */
  address(): string
}

const open = new Set<Network>()

/** Not started. `index` makes the identity; port 0 unless given. */
export async function testNetwork(index: number, options: Partial<Libp2pNetworkOptions> = {}): Promise<TestNetwork> {
  const log: LogLine[] = []
  const network = await createLibp2pNetwork({
    identitySeed: new Uint8Array(32).fill(index + 1),
    host: '127.0.0.1',
    port: 0,
    bootstrap: [],
    genesisHash: TEST_GENESIS,
    agent: `test/${index}`,
    clock: systemClock,
    randomness: systemRandomness,
    logger: listLogger(log),
    ...options,
  })
  open.add(network)
  return { network, log, address: () => network.addresses()[0]! }
}

/** A started network that has joined another one: each has the other as its peer. */
export async function joinedTo(other: TestNetwork, index: number): Promise<Network> {
  const { network } = await testNetwork(index, { bootstrap: [other.address()] })
  await network.start()
  const has = (one: Network, peer: string) => one.peers().some(({ id }) => id === peer)
  await until(() => has(network, other.network.id) && has(other.network, network.id), `${index} is connected`)
  return network
}

/** Two started networks, of which the second says things and the first counts what it hears, of topic `tx`. */
export async function speakerAndHearer(
  options: Partial<Libp2pNetworkOptions> = {},
): Promise<{ readonly speaker: Network; readonly heard: () => number }> {
  const hearer = await testNetwork(0, options)
  await hearer.network.start()
  let heard = 0
  hearer.network.setGossipHandler('tx', () => {
    heard += 1
    return 'accept'
  })
  return { speaker: await joinedTo(hearer, 1), heard: () => heard }
}

export async function stopNetworks(): Promise<void> {
  await Promise.all([...open].map((network) => network.stop()))
  open.clear()
}

const POLL_INTERVAL = 5

/** Polls until `condition` holds. @throws Error that names what did not happen in about so many milliseconds. */
export async function until(condition: () => boolean, what: string, milliseconds = 10_000): Promise<void> {
  for (let waited = 0; !condition(); waited += POLL_INTERVAL) {
    if (waited > milliseconds) throw new Error(`did not happen: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL))
  }
}

export const text = (value: string) => new TextEncoder().encode(value)
export const untext = (value: Uint8Array) => new TextDecoder().decode(value)
