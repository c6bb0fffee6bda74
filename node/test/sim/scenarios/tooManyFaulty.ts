/**
 * Validators 2 and 3 of four are twins, one copy on each side of a partition; 0 and 1 are correct, one on each side. Both
 * sides have a quorum and decide different blocks. When they meet, the correct ones must notice.
 */
import type { Halt } from '../../../src/consensus/consensus.ts'
import { simKey } from '../simKey.ts'
import { SimNode } from '../simNode.ts'
import { Simulation } from '../simulation.ts'

export interface TooManyFaulty {
  readonly halts: readonly Halt[]
  /** Validators whose precommit is in both certificates. */
  readonly evidence: readonly number[]
}

export async function runTooManyFaulty(): Promise<TooManyFaulty> {
  const simulation = new Simulation({ seed: 7, keepTrace: true }, [1n, 1n, 1n, 1n])
  const correct = [simulation.addNode(0), simulation.addNode(1)]
  const twin = (index: number, side: string) =>
    new SimNode({ index, id: `${index}${side}`, key: simKey(index), world: simulation.world, correct: false })
  const sides = [
    [correct[0]!, twin(2, 'a'), twin(3, 'a')],
    [correct[1]!, twin(2, 'b'), twin(3, 'b')],
  ]
  const sideOf = new Map(sides.flatMap((nodes, side) => nodes.map((node) => [node.id, side] as const)))
  let apart = true
  simulation.network.isLinked = (from, to) => !apart || sideOf.get(from) === sideOf.get(to)
  for (const node of sides.flat()) await node.start()
  for (const [side, nodes] of sides.entries()) for (const node of nodes) node.chain!.addTransaction(100 + side)
  const { scheduler } = simulation
  await scheduler.run(5_000, () => correct.every((node) => node.height() >= 1n))
  apart = false
  // Work for everyone: whoever announces its next block shows its certificate to the other side.
  for (const node of sides.flat()) node.chain!.addTransaction(300)
  await scheduler.run(60_000, () => correct.every((node) => node.engine!.status().halted !== null))
  const halts = correct.flatMap((node) => node.engine!.status().halted ?? [])
  const forks = halts.flatMap((halt) => (halt.kind === 'fork' ? [halt.certificates] : []))
  const both = forks[0] ?? [null, null]
  const signers = both.map((certificate) => certificate?.signatures.map(({ index }) => index) ?? [])
  return { halts, evidence: signers[0]!.filter((index) => signers[1]!.includes(index)) }
}
