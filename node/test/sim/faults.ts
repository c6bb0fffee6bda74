/** The faults of a random run: bad links, partitions and crashes until the moment of healing, all from the seed. */
import type { SimulatedNode } from './chainKind.ts'
import type { Random } from './random.ts'
import type { Simulation } from './simulation.ts'

/** When the faults end, simulated milliseconds. */
export const HEALING = 5_000

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
    scheduler.after(setup.next() * HEALING, () => {
      const groups = new Map(ids.map((id) => [id, random.below(2)]))
      simulation.trace(`partition ${[...groups].map(([id, group]) => `${id}:${group}`).join(' ')}`)
      network.setLinks((from, to) => groups.get(from) === groups.get(to))
      scheduler.after(random.next() * 1_500, () => {
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
      scheduler.after(random.next() * 800, () => {
        if (!node.isUp) void node.start()
      })
    }
    // Some right at a commit or a vote: a moment after a message is delivered is as good as any.
    scheduler.after(setup.next() * HEALING, crash)
  }
  if (mayWipe && setup.chance(0.3)) {
    scheduler.after(setup.next() * HEALING, () => {
      const node = random.pick(nodes)
      node.wipe()
      scheduler.after(random.next() * 800, () => {
        if (!node.isUp) void node.start()
      })
    })
  }
  if (setup.chance(0.15)) {
    scheduler.after(setup.next() * HEALING, () => {
      simulation.trace('everyone crashes')
      for (const node of nodes) node.crash()
      for (const node of nodes)
        scheduler.after(50 + random.next() * 300, () => (node.isUp ? undefined : void node.start()))
    })
  }
}
