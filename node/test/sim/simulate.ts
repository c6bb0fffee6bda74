/**
 * The random run of a seed: validators, some of them Byzantine, faults until a moment of healing, calm after it.
 *
 * On top of what a simulation checks throughout: after healing every transaction that a node has acknowledged is in every
 * correct node's chain and all chains are equal, no height takes more than {@link MOST_ROUNDS} rounds, and the value in the
 * accounts adds up.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { isQuorum, type ValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import type { Actor, ActorOptions } from './byzantine/actor.ts'
import { equivocator } from './byzantine/equivocator.ts'
import { framer } from './byzantine/framer.ts'
import { liar } from './byzantine/liar.ts'
import { silent } from './byzantine/silent.ts'
import { twins } from './byzantine/twins.ts'
import { withholder } from './byzantine/withholder.ts'
import type { ChainKind, Forgotten, SimulatedNode } from './chainKind.ts'
import { changeValidators, handInEverywhere, handInLarge, handInOnce } from './clients.ts'
import { HEALING, scheduleCrookedPartitions, scheduleFaults } from './faults.ts'
import { lightKind } from './lightKind.ts'
import { simKey } from './simKey.ts'
import { CALM } from './simNetwork.ts'
import { Simulation, type SimulationResult, simValidators } from './simulation.ts'
import { ringWithChords } from './topology.ts'
import { wholeKind } from './wholeKind.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly nodes?: number
  /** How many of the validators are Byzantine; default: chosen by the seed, at most f. */
  readonly byzantine?: number
  /** The kind of the Byzantine ones; default: chosen by the seed. */
  readonly actor?: string | undefined
  /** A ring with chords, where nodes hear each other through others; default: chosen by the seed. */
  readonly sparse?: boolean | undefined
  /** Partitions by pairs and by direction too; default: chosen by the seed. */
  readonly crooked?: boolean | undefined
  /** Consensus alone, on a stand-in for the chain: several times as many seeds in the same time. */
  readonly light?: boolean
  readonly keepTrace?: boolean
  /** Of correct nodes, in a crash: a fault that must be found. */
  readonly forgets?: Forgotten | undefined
}

/** Part of the runs in which not everybody is everybody's neighbour. */
const SPARSE = 0.3
/** From healing to the end, simulated milliseconds: a limit for runs that have come to a standstill. */
const PATIENCE = 60_000
/**
 * Rounds a height may take once links and nodes work: what is left of the round under way, a turn of the proposers with
 * those that are faulty, and one for messages that were lost before.
 */
export const MOST_ROUNDS = 8

/** Share of the runs whose links carry so many bytes a millisecond only, and some transactions that take long on them. */
const SLOW_LINKS = 0.15
const BANDWIDTHS = [100, 250, 750]

export const ACTORS: Readonly<Record<string, (options: ActorOptions) => Actor>> = {
  silent,
  twins,
  equivocator,
  withholder,
  liar,
  framer,
}

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const setup = seededRandom(options.seed ^ 0x5eed)
  const count = options.nodes ?? 4
  const weighted = setup.chance(0.25)
  const validators = simValidators(Array.from({ length: count }, () => (weighted ? BigInt(10 + setup.below(5)) : 1n)))
  const changes = !options.light && setup.chance(0.3)
  if (options.light) return run(options, setup, validators, lightKind(validators), false)
  return run(options, setup, validators, await wholeKind(validators, changes), changes)
}

/** A second run must give the same trace. */
export async function simulateTwice(options: SimulationOptions): Promise<SimulationResult> {
  const result = await simulate(options)
  if (result.violation !== null) return result
  const { digest } = await simulate({ ...options, keepTrace: false })
  return digest === result.digest ? result : { ...result, violation: `another trace: ${result.digest} and ${digest}` }
}

/** The command that shows a run. */
export function commandOf({
  seed,
  nodes = 4,
  byzantine,
  actor,
  sparse,
  crooked,
  light = false,
}: SimulationOptions): string {
  const faulty = `${byzantine === undefined ? '' : ` --byzantine ${byzantine}`}${actor === undefined ? '' : ` --actor ${actor}`}`
  const kind = `${sparse ? ' --sparse' : ''}${crooked ? ' --crooked' : ''}${light ? ' --light' : ''}`
  return `npm run sim -- --seed ${seed} --nodes ${nodes}${faulty}${kind} --trace`
}

async function run<N extends SimulatedNode>(
  options: SimulationOptions,
  setup: Random,
  validators: ValidatorSet,
  kind: ChainKind<N>,
  changes: boolean,
): Promise<SimulationResult> {
  const count = validators.validators.length
  const { seed, keepTrace = false, forgets } = options
  const shape = seededRandom(seed ^ 0x51a9)
  const sparse = options.sparse ?? shape.chance(SPARSE)
  const simulation = new Simulation({ seed, kind, keepTrace, forgets })
  const { scheduler, random, network } = simulation
  const byzantine = chooseByzantine(setup, validators, options.byzantine ?? (setup.chance(0.8) ? 1 : 0))
  const blockTime = setup.chance(0.2) ? 100 : undefined
  // Of a randomness of its own, so that the other runs are what they would be without.
  const links = seededRandom(seed ^ 0x51_0b)
  const isSlow = kind.spreads && links.chance(SLOW_LINKS)
  if (isSlow) network.bandwidth = links.pick(BANDWIDTHS)
  for (let index = 0; index < count; index++) if (!byzantine.has(index)) simulation.addNode(index, { blockTime })
  // A node with a key that the genesis does not name: it follows until it is voted in.
  if (changes) simulation.addNode(count, { blockTime })
  else if (setup.chance(0.2)) simulation.addNode(count, { follower: true, blockTime })

  const others = simulation.nodes.map(({ id }) => id)
  const kinds = Object.keys(ACTORS)
  const actors = [...byzantine].map((index) => {
    const actor = options.actor ?? setup.pick(kinds)
    simulation.trace(`validator ${index} is Byzantine: ${actor}`)
    return ACTORS[actor]!({ index, key: simKey(index), world: simulation.world, others })
  })
  const byzantineIds = actors.flatMap(({ ids }) => ids)
  if (sparse) {
    network.setTopology(ringWithChords(shape, others, byzantineIds))
  }
  for (const actor of actors) actor.start()
  for (const node of simulation.nodes) scheduler.after(random.fraction() * 50, () => void node.start())

  const clients = kind.spreads ? handInOnce(simulation, setup) : handInEverywhere(simulation, setup)
  if (isSlow) handInLarge(simulation, links, clients)
  if (changes) changeValidators(simulation, setup, clients, validators, byzantine)
  scheduleCrookedPartitions(simulation, seededRandom(seed ^ 0xc300c), byzantineIds, options.crooked)
  scheduleFaults(
    simulation,
    setup,
    byzantineIds,
    // Of nodes that spread nothing, one that abstains keeps what it was handed in.
    kind.spreads && !changes && canSpareAnother(validators, byzantine),
  )
  scheduler.after(HEALING, () => {
    simulation.trace('heals')
    network.faults = CALM
    network.setLinks(() => true)
    for (const node of simulation.nodes) if (!node.isUp) void node.start()
    simulation.heal()
  })
  const done = () => {
    if (simulation.violation !== null) return true
    if (scheduler.now < HEALING || clients.waiting > 0) return false
    const heights = new Set(simulation.nodes.map((node) => node.height()))
    return heights.size === 1 && simulation.nodes.every((node) => clients.numbers.every((each) => !node.lacks(each)))
  }
  await scheduler.run(HEALING + PATIENCE, done)
  if (!done()) {
    const heights = simulation.nodes.map((node) => `${node.id}@${node.height()}`).join(' ')
    simulation.fail(`not done within ${PATIENCE} ms of healing, ${clients.waiting} transactions not taken: ${heights}`)
  }
  for (const node of simulation.nodes) {
    if (node.engine?.status().halted) simulation.fail(`${node.id} halted`)
  }
  const wrong = await kind.verdict()
  if (wrong !== null) simulation.fail(wrong)
  const result = simulation.result()
  if (result.violation === null && result.roundsAfterHealing > MOST_ROUNDS) {
    return { ...result, violation: `a height took ${result.roundsAfterHealing} rounds after healing` }
  }
  // Not awaited: simulated time has ended, so what is under way never finishes.
  for (const node of simulation.nodes) void node.engine?.stop()
  return result
}

/** Whichever correct validator is away besides the Byzantine ones, a quorum is left. */
function canSpareAnother(set: ValidatorSet, byzantine: ReadonlySet<number>): boolean {
  const correct = set.validators.filter((_, index) => !byzantine.has(index)).map(({ power }) => power)
  const power = correct.reduce((sum, one) => sum + one, 0n)
  return correct.every((one) => isQuorum(set, power - one))
}

/** At most what the protocol tolerates: the others keep a quorum. */
function chooseByzantine(setup: Random, validators: ValidatorSet, wanted: number): Set<number> {
  const chosen = new Set<number>()
  let power = validators.totalPower
  for (let tries = 0; chosen.size < wanted && tries < 20; tries++) {
    const index = setup.below(validators.validators.length)
    const left = power - validators.validators[index]!.power
    if (chosen.has(index) || !isQuorum(validators, left)) continue
    chosen.add(index)
    power = left
  }
  return chosen
}
