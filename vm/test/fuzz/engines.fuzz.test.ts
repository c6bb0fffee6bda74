/**
 * A few seconds of the differential fuzz, from fixed seeds; `vm/test/fuzz/run.ts` goes on for as long as it is told.
 *
 * RULES-LIST
 */
import { describe, expect, it } from 'vitest'
import { seeded } from '../random.ts'
import { watToWasm } from '../wat.ts'
import { difference } from './compareEngines.ts'
import { fuzzCase } from './fuzzCase.ts'
import { generateModule, text } from './generateModule.ts'
import { shrink } from './shrink.ts'

const FIRST_SEED = 1
const MODULES = 100

describe('the engines agree', () => {
  it('on random modules', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + MODULES; seed++) {
      const finding = fuzzCase(seed)
      expect(finding, `again: node vm/test/fuzz/run.ts --seconds 0 --seed ${seed}`).toBeNull()
    }
  })

  it('on a module whose fuel is looked at in every turn of a loop', () => {
    const module = `(module (import "e" "fuel" (func $fuel (result i64))) (memory (export "memory") 1)
      (global (export "g0") (mut i32) (i32.const 0)) (global (export "g1") (mut i64) (i64.const 0))
      (func (export "run") (result i64) (local i32 i64)
        (loop (local.set 1 (i64.add (local.get 1) (call $fuel)))
          (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 3))) (i32.const 20)))) (local.get 1)))`
    const plan = { options: { schedule: { instruction: 1 } }, args: [], fuel: 10_000n }
    expect(difference(watToWasm(module), plan, seeded(1))).toBeNull()
  })
})

describe('a difference', () => {
  it('is made small', () => {
    const tree = generateModule(seeded(3))
    const shows = (candidate: typeof tree): boolean =>
      text(candidate).includes('memory.fill') || !text(tree).includes('memory.fill')
    const smallest = shrink(tree, shows)
    expect(text(smallest).length).toBeLessThan(text(tree).length / 4)
    expect(shows(smallest)).toBe(true)
  })
})
