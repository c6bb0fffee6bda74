/**
 * Links of 6 Mbit/s and 150 ms, and eight transactions of 210 KB, all handed to one node: together they are 1.7 MB, which
 * a link carries in 2.3 s. A network that repeats whole blocks, or lets outdated ones wait in the links, sends many times
 * that and decides nothing for minutes.
 */
import { DEVNET_TIMEOUTS } from '../../../src/consensus/limits.ts'
import { FIRST_LARGE, LARGE_BYTES, LARGE_SENDERS } from '../simTransactions.ts'
import { Simulation, simValidators } from '../simulation.ts'
import { wholeKind } from '../wholeKind.ts'
import type { Scenario } from './scenario.ts'

const NODES = 4
/** Bytes a millisecond. */
const BANDWIDTH = 750
const DELAY = 150
const TIME_LIMIT = 60_000
/** Four times what the first link needs for the transactions alone. */
const MOST_TIME = 10_000
/** How often a direction of a link may carry the transactions: once, and once more what is asked for while it comes. */
const MOST_TIMES = 2

export const slowLinks: Scenario = async () => {
  const validators = simValidators(Array.from({ length: NODES }, () => 1n))
  const simulation = new Simulation({ seed: 1, kind: await wholeKind(validators, false), keepTrace: true })
  const { scheduler, network } = simulation
  network.faults = { drop: 0, duplicate: 0, slow: 0, delay: 1, slowDelay: 0, leastDelay: DELAY }
  network.bandwidth = BANDWIDTH
  for (let index = 0; index < NODES; index++) simulation.addNode(index, { timeouts: DEVNET_TIMEOUTS })
  await simulation.start(simulation.nodes)
  const [first] = simulation.nodes
  const numbers = Array.from({ length: LARGE_SENDERS }, (_, index) => FIRST_LARGE + index)
  const began = scheduler.now
  let taken = 0
  for (const number of numbers) void first!.offer(number).then((isTaken) => (taken += isTaken ? 1 : 0))
  const done = () => simulation.nodes.every((node) => numbers.every((number) => !node.lacks(number)))
  await scheduler.run(began + TIME_LIMIT, done)
  const took = scheduler.now - began
  simulation.trace(`took ${Math.round(took)} ms, at most ${network.mostPassed()} bytes in one direction of a link`)
  const result = simulation.result()
  for (const node of simulation.nodes) void node.engine?.stop()
  return {
    checks: [
      ['nothing is violated', result.violation === null],
      ['every transaction is taken', taken === numbers.length],
      ['every node has every transaction within a minute', done()],
      ['and in little more than it takes to send them', took <= MOST_TIME],
      [
        'no link carries the transactions more than twice',
        network.mostPassed() <= MOST_TIMES * LARGE_SENDERS * LARGE_BYTES,
      ],
    ],
    trace: result.trace,
  }
}
