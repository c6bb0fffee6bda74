/** Random runs from seeds, each twice. A failing seed is repeated by the command the error names. */
import { describe, expect, it } from 'vitest'
import { simulate } from './simulation.ts'

/** On one core a run takes about 40 ms. */
const LONG = 300_000

async function check(seed: number, options: { nodes?: number; byzantine?: number } = {}): Promise<number> {
  const { violation, digest, heights } = await simulate({ seed, ...options })
  const nodes = options.nodes ?? 4
  const byzantine = options.byzantine === undefined ? '' : ` --byzantine ${options.byzantine}`
  const again = `node node/test/sim/run.ts --seed ${seed} --nodes ${nodes}${byzantine} --trace`
  if (violation !== null) throw new Error(`seed ${seed}: ${violation}\n  again: ${again}`)
  const repeated = await simulate({ seed, ...options })
  expect(repeated.digest, `another trace, seed ${seed}: ${again}`).toBe(digest)
  return heights
}

describe('simulation', () => {
  it.each([0, 1, 2, 3])('4 validators, seeds %#', { timeout: LONG }, async (part) => {
    let heights = 0
    for (let seed = 1 + part * 70; seed <= 70 + part * 70; seed++) heights += await check(seed)
    expect(heights).toBeGreaterThan(70)
  })

  it('1, 2, 3, 5 and 7 validators', { timeout: LONG }, async () => {
    for (const nodes of [1, 2, 3, 5]) for (let seed = 1; seed <= 4; seed++) await check(seed, { nodes, byzantine: 0 })
    for (let seed = 1; seed <= 4; seed++) await check(seed, { nodes: 7, byzantine: 2 })
  })

  it('finds what it is there to find: validators that forget what they signed', { timeout: LONG }, async () => {
    let caught = 0
    for (let seed = 1; seed <= 20; seed++) {
      const { violation } = await simulate({ seed, forgetful: true })
      if (violation?.startsWith('double sign') || violation?.startsWith('disagreement')) caught += 1
    }
    expect(caught).toBeGreaterThan(5)
  })
})
