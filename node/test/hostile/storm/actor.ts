/**
 * The process of one actor of a storm: told what network it is, then one attack after the other, each of which it reports as
 * over. It is a process of its own, less important than the nodes, as an attacker has no share of the machine of his victim.
 */
import { constants, setPriority } from 'node:os'
import { seededRandom } from '@touchstone/vm/testing/random'
import { fromHex } from '../../../src/codec/hex.ts'
import { installCrypto } from '../../../src/runtime/installCrypto.ts'
import { senders } from '../../faults/support/killGenesis.ts'
import { rpc } from '../../process/nodeProcess.ts'
import { FundedAttacker } from '../funded/fundedAttacker.ts'
import type { FundedAttack, Turn } from '../funded/fundedAttacks.ts'
import { fundedGenesis, type NetworkAddresses } from '../funded/fundedNetwork.ts'
import { Attacker } from '../support/attacker.ts'
import { openSocket } from '../support/attacks.ts'
import { pause } from '../support/steps.ts'
import { type Actor, MONEY_ATTACKS, STORM_ATTACKS } from './attacks.ts'

/** How long the rest of a turn may take after the attack's time. Milliseconds. */
const PATIENCE = 60_000

/** After a refusal. Milliseconds. */
const AGAIN = 500

export interface ActorNetwork {
  readonly urls: readonly string[]
  readonly addresses: readonly string[]
  readonly genesisHash: string
  readonly validatorSeeds: readonly string[]
}

export interface AttackOrder {
  readonly actor: Actor
  readonly name: string
  readonly seed: number
  /** Index of the node, for what is done to one only. */
  readonly target: number
  readonly milliseconds: number
  readonly network: ActorNetwork
}

/** Null: it went as it should; else why it could not go on. */
export interface AttackOver {
  readonly failure: string | null
}

setPriority(constants.priority.PRIORITY_LOW)
// libp2p rejects promises of its own when a victim hangs up in the middle of what is sent.
process.on('unhandledRejection', () => undefined)
process.on('disconnect', () => process.exit(0))
await installCrypto()
process.on('message', (order: AttackOrder) => {
  const over = (failure: string | null) => process.send?.({ failure } satisfies AttackOver)
  run(order).then(
    () => over(null),
    (error: unknown) => over(error instanceof Error ? error.message : String(error)),
  )
})

async function run(order: AttackOrder): Promise<void> {
  const { urls, addresses } = order.network
  const genesisHash = fromHex(order.network.genesisHash)
  const validatorSeeds = order.network.validatorSeeds.map(fromHex)
  const network = { nodes: urls.map((url) => ({ url })), addresses, genesisHash, validatorSeeds }
  const until = performance.now() + order.milliseconds
  if (order.actor === 'money') return spend(order, network, until)
  const attack = STORM_ATTACKS[order.actor].find(({ name }) => name === order.name)!
  const attackers: Attacker[] = []
  const sockets: { destroy(): void }[] = []
  const attackerOf = async (node: number) => {
    const attacker = await Attacker.make({ address: addresses[node]!, genesisHash })
    attackers.push(attacker)
    return attacker
  }
  try {
    await attack.run({
      network,
      until,
      attackerOf,
      target: { address: addresses[order.target]!, genesisHash },
      random: seededRandom(order.seed),
      rpcPort: Number(new URL(urls[order.target]!).port),
      height: async () => Number(await rpc<string>(urls[order.target]!, 'eth_blockNumber')),
      attacker: () => attackerOf(order.target),
      socket(port) {
        const socket = openSocket(port)
        sockets.push(socket)
        return socket
      },
    })
  } finally {
    for (const socket of sockets) socket.destroy()
    await Promise.all(attackers.map((attacker) => attacker.stop()))
  }
}

async function spend(order: AttackOrder, network: NetworkAddresses, until: number): Promise<void> {
  const attacker = new FundedAttacker(network.nodes[order.target]!.url, senders[0]!, fundedGenesis.chainId)
  const attack = MONEY_ATTACKS.find(({ name }) => name === order.name)!
  const turns = (async () => {
    const turn = await prepared(attack, attacker, network, until)
    for (let made = 0; performance.now() < until; made++) await turn(made)
    await turn.end?.()
  })()
  const tooLong = new Promise<never>((_, reject) => {
    const over = () => reject(new Error('a turn did not end'))
    setTimeout(over, order.milliseconds + PATIENCE).unref()
  })
  await Promise.race([turns, tooLong])
}

/** A node that others attack, or that is down, refuses what it is sent; so it is tried again. */
async function prepared(
  attack: FundedAttack,
  attacker: FundedAttacker,
  network: NetworkAddresses,
  until: number,
): Promise<Turn> {
  for (;;) {
    try {
      return await attack.prepare(attacker, network)
    } catch (error) {
      if (performance.now() > until) throw error
      await pause(AGAIN)
    }
  }
}
