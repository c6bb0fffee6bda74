/** A validator that decides alone writes a block and its signatures at a time: its machine may stop anywhere between. */
import { expect, it } from 'vitest'
import { lightKind } from './lightKind.ts'
import { Simulation, simValidators } from './simulation.ts'

/** Simulated milliseconds. */
const STEP = 0.1
const LONGEST_SYNC = 1.3
const PATIENCE = 30_000

/**
 * The first node has blocks 1 and 2 to decide, and its machine stops so many milliseconds after the transaction of the
 * second came; null: never. How long that took, and what was shown before the stop and on the disk after it.
 */
async function run(powers: readonly bigint[], seed: number, moment: number | null) {
  const simulation = new Simulation({ seed, kind: lightKind(simValidators(powers)) })
  const { scheduler } = simulation
  const nodes = powers.map((_, index) => simulation.addNode(index))
  const first = nodes[0]!
  const offer = async (transaction: number) => {
    for (const node of nodes) await node.offer(transaction)
  }
  const until = async (isThere: () => boolean) => {
    await scheduler.run(scheduler.now + PATIENCE, isThere)
    expect([isThere(), simulation.violation]).toEqual([true, null])
  }
  await simulation.start(nodes)
  await offer(1)
  await until(() => nodes.every((node) => node.height() === 1n))
  const began = scheduler.now
  await offer(2)
  if (moment === null) await until(() => first.height() === 2n)
  else await scheduler.run(began + moment, () => false)
  const took = scheduler.now - began
  const shown = first.height()
  first.crash()
  await simulation.start([first])
  const written = first.height()
  await offer(3)
  await until(() => nodes.every((node) => node.height() >= 2n && ![1, 2, 3].some((each) => node.lacks(each))))
  for (const node of nodes) void node.engine?.stop()
  return { took, left: `${shown} shown, ${written} written` }
}

it.each([
  ['is the only one', [1n]],
  ['is a quorum among others', [10n, 1n, 1n]],
])('a validator that %s signs nothing twice, and takes nothing back that it showed', async (_name, powers) => {
  const found = new Set<string>()
  for (const seed of [1, 2, 3, 4]) {
    const { took } = await run(powers, seed, null)
    for (let before = -STEP; before < LONGEST_SYNC; before += STEP) {
      found.add((await run(powers, seed, took - before)).left)
    }
  }
  expect([...found].toSorted()).toEqual(['1 shown, 1 written', '1 shown, 2 written', '2 shown, 2 written'])
})
