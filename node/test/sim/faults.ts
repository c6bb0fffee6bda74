/** The faults of a random run: bad links, partitions and crashes until the moment of healing, all from the seed. */
import type { Random } from '@touchstone/vm/testing/random'
import type { SimulatedNode } from './chainKind.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimNetwork } from './simNetwork.ts'
import type { Simulation } from './simulation.ts'

/** When the faults end, simulated milliseconds. */
export const HEALING = 5_000

/** Simulated milliseconds a partition lasts at most. */
const LONGEST_PARTITION = 1_500

/** Simulated milliseconds within which what was held back arrives. */
const SCATTER = 300

interface CrookedPartition {
  readonly network: SimNetwork
  readonly scheduler: Scheduler
  readonly shape: Random
  readonly ids: readonly string[]
  readonly time: number
}

/**
 * Shapes of partitions in which not everybody sees the same: who hears whom is no matter of groups. Each draws by its own
 * randomness, so that the runs without are what they would be.
 */
const CROOKED: Readonly<Record<string, (partition: CrookedPartition) => void>> = {
  /** Pairs are cut: two that do not hear each other both hear a third. */
  pairs: ({ network, shape, ids }) => {
    const cut = pairsOf(ids).filter(() => shape.chance(0.4))
    const names = new Set(cut.flatMap(([a, b]) => [`${a}>${b}`, `${b}>${a}`]))
    network.setLinks((from, to) => !names.has(`${from}>${to}`))
  },
  /** Directions are cut: who hears somebody is not heard by him, and neither notices. */
  directions: ({ network, shape, ids }) => {
    const names = new Set(directionsOf(ids).filter(() => shape.chance(0.35)))
    network.setLinks((from, to) => !names.has(`${from}>${to}`))
  },
  /** Directions hold back what they carry until the end, and then let it go in any order. */
  'held back': ({ network, scheduler, shape, ids, time }) => {
    const names = new Set(directionsOf(ids).filter(() => shape.chance(0.35)))
    const until = scheduler.now + time
    network.heldBack = (from, to) =>
      names.has(`${from}>${to}`) && scheduler.now < until ? until - scheduler.now + shape.fraction() * SCATTER : 0
  },
}

/** Share of the runs with crooked partitions. */
const CROOKED_RUNS = 0.35

/** Partitions by pairs and by direction, besides those by groups. */
export function scheduleCrookedPartitions<N extends SimulatedNode>(
  simulation: Simulation<N>,
  shape: Random,
  byzantineIds: readonly string[],
  wanted: boolean = shape.chance(CROOKED_RUNS),
): void {
  if (!wanted) return
  const { scheduler, network, nodes } = simulation
  const ids = [...nodes.map(({ id }) => id), ...byzantineIds]
  const count = 1 + shape.below(6)
  for (let one = 0; one < count; one++) {
    scheduler.after(shape.fraction() * HEALING, () => {
      const kind = shape.pick(Object.keys(CROOKED))
      const time = shape.fraction() * LONGEST_PARTITION
      simulation.trace(`partition of ${kind} for ${time.toFixed(0)} ms`)
      CROOKED[kind]!({ network, scheduler, shape, ids, time })
      scheduler.after(time, () => network.setLinks(() => true))
    })
  }
}

function pairsOf(ids: readonly string[]): [string, string][] {
  return ids.flatMap((a, at) => ids.slice(at + 1).map((b): [string, string] => [a, b]))
}

function directionsOf(ids: readonly string[]): string[] {
  return pairsOf(ids).flatMap(([a, b]) => [`${a}>${b}`, `${b}>${a}`])
}

/** `mayWipe`: the validators can spare one more, which forgets what it signed. */
export function scheduleFaults<N extends SimulatedNode>(
  simulation: Simulation<N>,
  setup: Random,
  byzantineIds: readonly string[],
  mayWipe: boolean,
): void {
  const { scheduler, network, nodes, random } = simulation
  network.faults = {
    drop: setup.pick([0, 0.02, 0.1, 0.25]),
    duplicate: setup.pick([0, 0.1]),
    slow: setup.pick([0, 0.1, 0.3]),
    delay: setup.pick([20, 60]),
    slowDelay: setup.pick([300, 1_500]),
  }
  const ids = [...nodes.map(({ id }) => id), ...byzantineIds]
  const partitions = setup.below(8)
  for (let count = 0; count < partitions; count++) {
    scheduler.after(setup.fraction() * HEALING, () => {
      const groups = new Map(ids.map((id) => [id, random.below(2)]))
      simulation.trace(`partition ${[...groups].map(([id, group]) => `${id}:${group}`).join(' ')}`)
      network.setLinks((from, to) => groups.get(from) === groups.get(to))
      scheduler.after(random.fraction() * LONGEST_PARTITION, () => {
        network.setLinks(() => true)
      })
    })
  }
  const crashes = setup.below(12)
  for (let count = 0; count < crashes; count++) {
    const crash = () => {
      const node = random.pick(nodes)
      if (!node.isUp) return
      node.crash()
      scheduler.after(random.fraction() * 800, () => {
        if (!node.isUp) void node.start()
      })
    }
    // Some right at a commit or a vote: a moment after a message is delivered is as good as any.
    scheduler.after(setup.fraction() * HEALING, crash)
  }
  if (mayWipe && setup.chance(0.3)) {
    scheduler.after(setup.fraction() * HEALING, () => {
      const node = random.pick(nodes)
      node.wipe()
      scheduler.after(random.fraction() * 800, () => {
        if (!node.isUp) void node.start()
      })
    })
  }
  if (setup.chance(0.15)) {
    scheduler.after(setup.fraction() * HEALING, () => {
      simulation.trace('everyone crashes')
      for (const node of nodes) node.crash()
      for (const node of nodes)
        scheduler.after(50 + random.fraction() * 300, () => (node.isUp ? undefined : void node.start()))
    })
  }
}
