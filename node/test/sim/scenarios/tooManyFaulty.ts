/**
 * Validators 2 and 3 of four are twins, one copy on each side of a partition; 0 and 1 are correct, one on each side. Both
 * sides have a quorum and decide different blocks. When they meet, the correct ones must notice.
 */
import { keyOf } from '../../../src/codec/bytes.ts'
import { lightKind } from '../lightKind.ts'
import { simKey } from '../simKey.ts'
import { Simulation, simValidators } from '../simulation.ts'
import type { ScenarioResult } from './scenario.ts'

export async function tooManyFaulty(): Promise<ScenarioResult> {
  const kind = lightKind(simValidators([1n, 1n, 1n, 1n]))
  const simulation = new Simulation({
    seed: 7,
    kind,
    keepTrace: true,
  })
  const correct = [simulation.addNode(0), simulation.addNode(1)]
  const twin = (index: number, side: string) =>
    kind.createNode({ index, id: `${index}${side}`, key: simKey(index), world: simulation.world, correct: false })
  const sides = [
    [correct[0]!, twin(2, 'a'), twin(3, 'a')],
    [correct[1]!, twin(2, 'b'), twin(3, 'b')],
  ]
  const sideOf = new Map(sides.flatMap((nodes, side) => nodes.map((node) => [node.id, side] as const)))
  simulation.network.setLinks((from, to) => sideOf.get(from) === sideOf.get(to))
  await simulation.start(sides.flat())
  for (const [side, nodes] of sides.entries()) for (const node of nodes) node.chain!.addTransaction(100 + side)
  const { scheduler } = simulation
  await scheduler.run(5_000, () => correct.every((node) => node.height() >= 1n))
  simulation.network.setLinks(() => true)
  // Work for everyone: whoever announces its next block shows its certificate to the other side.
  for (const node of sides.flat()) node.chain!.addTransaction(300)
  await scheduler.run(60_000, () => correct.every((node) => node.engine!.status().halted !== null))
  const forks = correct.flatMap((node) => {
    const halted = node.engine!.status().halted
    return halted?.kind === 'fork' ? [halted.certificates] : []
  })
  const blamed = forks.map(([own, other]) => {
    const signers = new Set(own.signatures.map(({ index }) => index))
    return other.signatures.flatMap(({ index }) => (signers.has(index) ? [index] : [])).join()
  })
  return {
    checks: [
      ['both correct validators stop', forks.length === 2],
      ['each shows two blocks', forks.every(([own, other]) => keyOf(own.blockHash) !== keyOf(other.blockHash))],
      // The first to notice may hold the next block on another parent; whom it tells has two of one height.
      ['one of them two of one height', forks.some(([own, other]) => own.height === other.height)],
      ['the faulty ones signed both', blamed.every((signers) => signers === '2,3')],
    ],
    trace: simulation.result().trace,
  }
}
