/**
 * Machines that fail while they execute a transaction, whatever engine they try. One of four: it votes nil on the block
 * and proposes without the transaction; the others decide, and only then, by the certificate, it stops and says over
 * what. All four: the transaction gets into no block, everything else does, and nobody stops.
 */
import { toHex } from '../../../src/codec/hex.ts'
import { simTransaction } from '../simTransactions.ts'
import { Simulation, simValidators } from '../simulation.ts'
import { wholeKind } from '../wholeKind.ts'
import type { WholeNode } from '../wholeNode.ts'
import type { Scenario, ScenarioResult } from './scenario.ts'

const NODES = 4
/** Its sender has more; the four after it are of other senders. */
const CULPRIT = 1
const OTHERS = [2, 3, 4, 5, 7, 8, 9, 10]
const TIME_LIMIT = 120_000

async function run(failing: readonly number[]): Promise<Simulation<WholeNode>> {
  const kind = await wholeKind(simValidators(Array.from({ length: NODES }, () => 1n)), false)
  const simulation = new Simulation({ seed: 1, kind, keepTrace: true })
  for (let index = 0; index < NODES; index++) {
    simulation.addNode(index, failing.includes(index) ? { cannotExecute: [CULPRIT] } : {})
  }
  await simulation.start(simulation.nodes)
  return simulation
}

/** Gives every node the transactions; resolves when the nodes that are not `stopped` have those that they can have. */
async function offer(simulation: Simulation<WholeNode>, numbers: readonly number[], stopped: readonly number[]) {
  for (const node of simulation.nodes) for (const number of numbers) void node.offer(number)
  const waiting = simulation.nodes.filter(({ index }) => !stopped.includes(index))
  const done = () => waiting.every((node) => numbers.every((number) => number === CULPRIT || !node.lacks(number)))
  await simulation.scheduler.run(simulation.scheduler.now + TIME_LIMIT, done)
  return done()
}

export const cannotExecute: Scenario = async () => {
  const one = await oneOfFour()
  const all = await allFour()
  return { checks: [...one.checks, ...all.checks], trace: [...one.trace, ...all.trace] }
}

async function oneOfFour(): Promise<ScenarioResult> {
  const failing = NODES - 1
  const simulation = await run([failing])
  const [first, last] = [simulation.nodes[0]!, simulation.nodes[failing]!]
  const included = await offer(simulation, [CULPRIT, ...OTHERS.slice(0, 4)], [failing])
  const isInChain = () => !first.lacks(CULPRIT)
  await simulation.scheduler.run(simulation.scheduler.now + TIME_LIMIT, isInChain)
  const hash = toHex(simTransaction(CULPRIT).hash)
  await simulation.scheduler.run(simulation.scheduler.now + TIME_LIMIT, () => last.failure !== null)
  const wentOn = await offer(simulation, OTHERS.slice(4), [failing])
  return {
    checks: [
      ['one: nothing is violated', simulation.result().violation === null],
      ['one: the others include everything', included && isInChain()],
      [
        'one: the machine that failed stops at the certificate, and names the transaction',
        !!last.failure?.includes(hash),
      ],
      ['one: it had nothing committed that it could not execute', last.lacks(CULPRIT)],
      ['one: the others stop for nothing', simulation.nodes.slice(0, failing).every(({ failure }) => failure === null)],
      ['one: the others go on', wentOn],
      ['one: it voted nil on the block', votedNil(simulation, failing)],
    ],
    trace: simulation.result().trace,
  }
}

async function allFour(): Promise<ScenarioResult> {
  const simulation = await run([0, 1, 2, 3])
  // Later transactions of the culprit's sender wait for it, so only the others' are here.
  const included = await offer(simulation, [CULPRIT, ...OTHERS], [])
  return {
    checks: [
      ['all: nothing is violated', simulation.result().violation === null],
      ['all: everything else is included', included],
      ['all: the transaction is in no block', simulation.nodes.every((node) => node.lacks(CULPRIT))],
      ['all: nobody stops', simulation.nodes.every(({ failure }) => failure === null)],
    ],
    trace: simulation.result().trace,
  }
}

function votedNil(simulation: Simulation<WholeNode>, index: number): boolean {
  const line = new RegExp(`^[\\d.]+ ${index} sends votes .*\\b${index}:prevote:\\d+:nil`)
  return simulation.result().trace.some((entry) => line.test(entry))
}
