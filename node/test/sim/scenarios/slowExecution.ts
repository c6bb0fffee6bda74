/**
 * Every block takes several propose timeouts to execute: a slow engine, or a block full of the slowest instructions.
 * Timeouts that grow until they are longer than that would take a dozen rounds, in each of which somebody builds another
 * block. A proposer that sends what it built too late when its turn comes again, and validators that do not vote down
 * what they are executing, need one turn of the proposers.
 */
import { lightKind } from '../lightKind.ts'
import { Simulation, simValidators } from '../simulation.ts'
import { SIM_TIMEOUTS } from '../simWorld.ts'
import type { Scenario } from './scenario.ts'

const NODES = 4
const HEIGHTS = 3
const EXECUTION_TIME = 8 * SIM_TIMEOUTS.propose.base
const TIME_LIMIT = 120_000

export const slowExecution: Scenario = async () => {
  const simulation = new Simulation({
    seed: 1,
    kind: lightKind(simValidators(Array.from({ length: NODES }, () => 1n))),
    keepTrace: true,
  })
  const { scheduler } = simulation
  for (let index = 0; index < NODES; index++) simulation.addNode(index, { executionTime: EXECUTION_TIME })
  const [first] = simulation.nodes
  const rounds: number[] = []
  await simulation.start(simulation.nodes)
  first!.engine!.onCommit(({ certificate }) => rounds.push(certificate.round))
  for (let transaction = 1; transaction <= HEIGHTS * 8; transaction++) {
    for (const node of simulation.nodes) node.chain!.addTransaction(transaction)
  }
  await scheduler.run(TIME_LIMIT, () => simulation.nodes.every((node) => node.height() >= BigInt(HEIGHTS)))
  const result = simulation.result()
  for (const node of simulation.nodes) void node.engine?.stop()
  return {
    checks: [
      ['nothing is violated', result.violation === null],
      ['every node has every block', simulation.nodes.every((node) => node.height() >= BigInt(HEIGHTS))],
      ['each height takes at most one turn of the proposers and the next', rounds.every((round) => round <= NODES)],
    ],
    trace: result.trace,
  }
}
