import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { inspectRewritten } from '../inspect/inspectRewritten.ts'
import { UNPAID_SHARE } from './placer.ts'

/** A loop that is counted, with a way through each turn that costs `pairs` times two instructions more. */
function turns(pairs: number) {
  const { functions } = inspectRewritten(
    watToWasm(`(module (func (export "run") (param $bound i32) (param $dear i32) (local $i i32)
      (loop $again
        (if (local.get $dear) (then ${'(drop (i32.const 1))'.repeat(pairs)}))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (local.get $bound))))))`),
  )
  const { countedLoops, nodes } = functions[0]!
  const edges = nodes.flatMap((node) => node.edges)
  const [back] = edges.filter(({ place }) => place === 'branch')
  const onTheWay = edges.reduce((sum, { charge }) => sum + charge, 0)
  return { paidAhead: countedLoops[0]!.turnCost, onTheWay, isChecked: back!.checked }
}

describe('a counted loop', () => {
  it('is checked turn by turn where its turns may charge more on their way than its share of what was paid for them', () => {
    const all = Array.from({ length: 12 }, (_, pairs) => turns(pairs))
    for (const { paidAhead, onTheWay, isChecked } of all) {
      expect(isChecked, `${onTheWay} of ${paidAhead}`).toBe(onTheWay > paidAhead / UNPAID_SHARE)
    }
    // Both kinds, and one at the border, were there.
    expect(new Set(all.map(({ isChecked }) => isChecked)).size).toBe(2)
    expect(all.some(({ paidAhead, onTheWay }) => onTheWay === paidAhead / UNPAID_SHARE)).toBe(true)
  })

  it('is checked turn by turn where all turns of the loops inside may charge more than its share', () => {
    const isChecked = (pairs: number) => {
      const { functions } = inspectRewritten(
        watToWasm(`(module (func (export "run") (param $bound i32) (param $dear i32) (local $i i32) (local $j i32)
          (loop $again
            (if (local.get $dear) (then ${'(drop (i32.const 1))'.repeat(pairs)}))
            (local.set $j (i32.const 0))
            (loop $inside
              (if (local.get $dear) (then (drop (i32.const 1))))
              (local.set $j (i32.add (local.get $j) (i32.const 1)))
              (br_if $inside (i32.lt_u (local.get $j) (i32.const 100))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (local.get $bound))))))`),
      )
      const { countedLoops, nodes } = functions[0]!
      const edges = nodes.flatMap((node) => node.edges)
      // Once each, all ways together are within the share.
      expect(edges.reduce((sum, { charge }) => sum + charge, 0)).toBeLessThan(countedLoops[0]!.turnCost / UNPAID_SHARE)
      return edges.some(({ checked }) => checked)
    }
    expect(isChecked(1)).toBe(false)
    expect(isChecked(450)).toBe(true)
  })

  it('is checked when it is left, if its turns may have charged much and nothing was checked when it was entered', () => {
    const checks = (turns: number) => {
      const { functions } = inspectRewritten(
        watToWasm(`(module (func (export "run") (param $dear i32) (local $i i32)
          (local.set $i (i32.const 0))
          (loop $again
            (if (local.get $dear) (then (drop (i32.const 1))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const ${turns}))))))`),
      )
      return functions[0]!.nodes.flatMap(({ edges }) => edges).filter(({ checked }) => checked).length
    }
    expect(checks(100)).toBe(0)
    expect(checks(4_000)).toBe(1)
  })
})
