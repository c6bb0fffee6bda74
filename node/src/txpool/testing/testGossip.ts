/**
 * Nodes with pools that gossip over a network in memory, on a fake chain of five rich accounts and a clock that stands
 * still.
 */

import { type LogLine, listLogger } from '../../../testing/logger.ts'
import { type ManualClock, manualClock } from '../../../testing/manualClock.ts'
import { memoryNetworks } from '../../network/testing/memoryNetwork.ts'
import { startTxGossip } from '../txGossip.ts'
import { openTxPool } from '../txPool.ts'
import { fakeChain, numberedRecoverer, type TransferFields, transfer } from './fakeChain.ts'

export type MemoryNetworks = ReturnType<typeof memoryNetworks>

/** Peers whose name begins with `named` are named at start. */
function gossipNode(networks: MemoryNetworks, name: string, clock: ManualClock, isCurrent?: () => boolean) {
  const chain = fakeChain()
  for (let index = 0; index < 5; index++) chain.setAccount(index, { balance: 10n ** 18n })
  const joined = networks.join(name)
  const named = (id: string) => id.startsWith('named')
  const network = { ...joined, peers: () => joined.peers().map((peer) => ({ ...peer, named: named(peer.id) })) }
  const lines: LogLine[] = []
  const logger = listLogger(lines)
  const pool = openTxPool({ chain, recoverer: numberedRecoverer(), clock, logger })
  const gossip = startTxGossip({ network, pool, clock, logger, ...(isCurrent === undefined ? {} : { isCurrent }) })
  return { chain, network, pool, gossip, lines }
}

export async function gossipScene(names: readonly string[], isCurrent?: () => boolean) {
  const clock = manualClock()
  const networks = memoryNetworks()
  const nodes = new Map(names.map((name) => [name, gossipNode(networks, name, clock, isCurrent)]))
  const node = (name: string) => nodes.get(name)!
  const start = async () => {
    for (const { network } of nodes.values()) await network.start()
    await clock.advance(0)
  }
  const add = (name: string, fields: TransferFields) => node(name).pool.add(transfer(fields).raw, 'local')
  const sizes = () => names.map((name) => [...node(name).pool.transactions()].length)
  return { clock, networks, node, start, add, sizes }
}
