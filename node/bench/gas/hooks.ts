/** Nanoseconds per gas of each host function, in a contract that calls it in a loop, on the node's own state. */
import { watToWasm } from '@touchstone/vm/testing/wat'
import type { EngineName } from '../../src/execution/executionConfig.ts'
import { type HookCase, hookCases, hookText } from './hookCases.ts'
import type { Row } from './row.ts'
import { addressOf, type Ran, type World } from './world.ts'

/** An account with much code, its address at 160 in the memory of the loops. */
export const BULKY = addressOf(0xb011)
/** A measurement is to take about this long: less than a slice the scheduler gives. */
const NANOSECONDS = 800_000
/** Most turns of a case that says no other. */
const MOST_TURNS = 2_000
/** A first contract of its own, so that nobody's code is optimised for another's case. */
let lastContract = 0x10_0000

export interface HookOptions {
  readonly engine: EngineName
  readonly rounds: number
  readonly wanted: (name: string) => boolean
}

export function hookRows(world: World, { engine, rounds, wanted }: HookOptions): Row[] {
  const state = world.open()
  state.setNonce(BULKY, 1n)
  state.setCode(BULKY, new Uint8Array(120_000).fill(1))
  state.endTransaction()
  const prepared = hookCases
    .filter(({ name }) => wanted(name))
    .map((test) => {
      const contract = addressOf(lastContract++)
      state.setNonce(contract, 1n)
      state.setCode(contract, watToWasm(hookText(test, `(data (i32.const 160) "${hexText(BULKY)}")`)))
      state.endTransaction()
      return { test, contract, turns: 1, best: Number.POSITIVE_INFINITY, none: Number.POSITIVE_INFINITY, gas: 0 }
    })
  const run = (contract: Uint8Array, turns: number, { input = 4 }: HookCase): Ran => {
    const data = new Uint8Array(input)
    new DataView(data.buffer).setUint32(0, turns, true)
    return world.run(state, contract, data)
  }
  for (const item of prepared) {
    const most = item.test.turns ?? MOST_TURNS
    for (let i = 0; i < 3; i++) run(item.contract, most >> 2, item.test)
    // Between two that are above the floor of calldata, which hides what few turns cost.
    const [half, whole] = [most >> 1, most].map((turns) => Number(run(item.contract, turns, item.test).gasUsed))
    item.gas = (whole! - half!) / (most - (most >> 1))
    const least = Math.min(...[1, 2, 3].map(() => run(item.contract, 8, item.test).nanoseconds))
    item.turns = Math.min(most, Math.max(20, Math.round((8 * NANOSECONDS) / least)))
  }
  for (let round = 0; round < rounds; round++) {
    for (const item of prepared) {
      const nothing = run(item.contract, 0, item.test)
      const all = run(item.contract, item.turns, item.test)
      item.none = Math.min(item.none, nothing.nanoseconds)
      item.best = Math.min(item.best, all.nanoseconds)
    }
  }
  return prepared.map(({ test, turns, best, none, gas }) => ({
    group: 'host call',
    name: test.name,
    engine,
    gas,
    nanoseconds: (best - none) / turns,
    ownNanoseconds: null,
  }))
}

export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
}
