/**
 * Random runs of whole nodes from seeds, every fourth of them twice with the same trace. A failing seed is repeated by the
 * command that the error names; `npm run sim` runs every seed twice.
 */
import { describe, expect, it } from 'vitest'
import { commandOf, type SimulationOptions, simulate, simulateTwice } from './simulate.ts'

/** On one idle core a run takes about 150 ms. */
const LONG = 300_000

async function check(seed: number, options: Omit<SimulationOptions, 'seed'> = {}) {
  const run = seed % 4 === 1 ? simulateTwice : simulate
  const { violation, heights } = await run({ seed, ...options })
  if (violation !== null) throw new Error(`seed ${seed}: ${violation}\n  again: ${commandOf({ seed, ...options })}`)
  return heights
}

describe('simulation', () => {
  it.each([0, 1, 2, 3])('4 validators, seeds %#', { timeout: LONG }, async (part) => {
    let heights = 0
    for (let seed = 1 + part * 30; seed <= 30 + part * 30; seed++) heights += await check(seed)
    expect(heights).toBeGreaterThan(32)
  })

  it('1, 2, 3, 5, 7 and 10 validators', { timeout: LONG }, async () => {
    for (const nodes of [1, 2, 3, 5]) for (let seed = 1; seed <= 6; seed++) await check(seed, { nodes, byzantine: 0 })
    for (let seed = 1; seed <= 4; seed++) await check(seed, { nodes: 7, byzantine: 2 })
    for (let seed = 1; seed <= 2; seed++) await check(seed, { nodes: 10, byzantine: 3 })
  })

  it('consensus alone', { timeout: LONG }, async () => {
    for (let seed = 1; seed <= 75; seed++) await check(seed, { light: true })
  })

  it('a validator that frames others, where nodes hear each other through others', { timeout: LONG }, async () => {
    const framed = { byzantine: 1, actor: 'framer', sparse: true }
    for (let seed = 1; seed <= 12; seed++) await check(seed, { ...framed, light: true })
    for (let seed = 1; seed <= 3; seed++) await check(seed, framed)
    for (let seed = 1; seed <= 2; seed++) await check(seed, { ...framed, nodes: 7, byzantine: 2, light: true })
  })

  it('finds what it is there to find: validators that forget what they signed', { timeout: LONG }, async () => {
    let caught = 0
    for (let seed = 1; seed <= 20; seed++) {
      const { violation } = await simulate({ seed, forgets: 'votes', light: true })
      if (violation?.startsWith('double sign') || violation?.startsWith('disagreement')) caught += 1
    }
    expect(caught).toBeGreaterThan(5)
  })

  it('finds what it is there to find: pools that do not outlive their process', { timeout: LONG }, async () => {
    let caught = 0
    for (let seed = 14; seed <= 25; seed++) {
      const { violation } = await simulate({ seed, forgets: 'pool', sparse: false })
      if (violation?.startsWith('not done')) caught += 1
    }
    expect(caught).toBeGreaterThan(2)
  })
})
