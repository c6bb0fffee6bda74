/** Which loops are counted, and that what is computed for them is what they do, at the edges of 32 bits too. */
import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { compile, decodeAndValidate } from '../compile.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { LoopCounter } from './countedLoops.ts'
import { GraphBuilder } from './graphBuilder.ts'
import { SCHEDULES } from './schedule.ts'

const NO_CALLEES = {
  paidByCaller: () => 0,
  unchecked: () => 0,
  stackNeed: () => 0,
  cuts: (index: number) => index === 0,
  recursive: () => false,
  indirectCuts: true,
  indirectUnchecked: 0,
  growthCuts: false,
}

/** How many loops of a function of two i32 parameters and two i32 locals are counted. */
function counted(body: string): number {
  const bytes = watToWasm(
    `(module (import "e" "f" (func $host)) (memory 1) (func (param i32 i32) (local i32 i32) ${body}))`,
  )
  const { module, functions } = decodeAndValidate(bytes, 'reject', DEFAULT_LIMITS)
  const builder = new GraphBuilder()
  const { graph } = builder
  builder.use(module, SCHEDULES['touchstone/1'], NO_CALLEES)
  builder.build(module.bodies[0]!, functions[0]!)
  const traps = Float64Array.from({ length: graph.nodes }, (_, node) => (graph.firstOut[node]! < 0 ? Infinity : 0))
  return new LoopCounter(graph).find(module.bodies[0]!.code, traps).length
}

const STEP = '(local.set 2 (i32.add (local.get 2) (i32.const 1)))'
const TEST = '(i32.lt_s (local.get 2) (local.get 1))'

describe('counted loops', () => {
  it.each([
    ['tested at the bottom', `(loop ${STEP} (br_if 0 ${TEST}))`],
    ['tested at the top', `(block (loop (br_if 1 (i32.eqz ${TEST})) ${STEP} (br 0)))`],
    ['inside an if', `(loop (if ${TEST} (then ${STEP} (br 1))))`],
    ['with a step in its test', '(loop (br_if 0 (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))'],
    ['with the sides exchanged', `(loop ${STEP} (br_if 0 (i32.gt_u (local.get 1) (local.get 2))))`],
    [
      'by a step told when it is entered',
      '(loop (local.set 2 (i32.add (local.get 2) (local.get 0))) (br_if 0 (i32.lt_u (local.get 2) (i32.const 99))))',
    ],
    [
      'with branches inside',
      `(loop (if (local.get 0) (then (i32.store (i32.const 0) (i32.const 1)))) ${STEP} (br_if 0 ${TEST}))`,
    ],
    ['left by a trap too', `(loop (if (local.get 0) (then (unreachable))) ${STEP} (br_if 0 ${TEST}))`],
  ])('%s', (_name, body) => {
    expect(counted(body)).toBe(1)
  })

  it('inside each other', () => {
    const inner =
      '(local.set 3 (i32.const 0)) (loop (br_if 0 (i32.lt_s (local.tee 3 (i32.add (local.get 3) (i32.const 1))) (i32.const 8))))'
    expect(counted(`(loop ${inner} ${STEP} (br_if 0 ${TEST}))`)).toBe(2)
  })

  /** As many loops inside each other, `inner` in the innermost; locals from 4 on count. */
  const nest = (depth: number, inner = '', before = ''): string => {
    const goOn = (i: number): string =>
      `(i32.lt_s (local.tee ${i} (i32.add (local.get ${i}) (i32.const 1))) (i32.const 8))`
    const body = Array.from({ length: depth }).reduce(
      (around: string, _, i) => `(loop ${around} (br_if 0 ${goOn(i + 4)}))`,
      inner,
    )
    return `(local ${'i32 '.repeat(depth)}) ${before} ${body}`
  }

  it('inside each other, but in a deep nest the innermost only: each is looked at again for each loop around it', () => {
    expect([7, 30].map((depth) => counted(nest(depth)))).toEqual([7, 30])
    const found = counted(nest(100))
    expect(found).toBeGreaterThan(30)
    expect(found).toBeLessThan(90)
    // One that fits into what is left is looked at, before a nest too.
    const [first, none] = [TEST, TEST.replace('lt_s', 'eq')].map((test) => `(loop ${STEP} (br_if 0 ${test}))`)
    expect(counted(nest(100, '', first))).toBe(counted(nest(100, '', none)) + 1)
  })

  it('with writes of locals, which are looked at as nodes are', () => {
    const writes = '(local.set 3 (i32.const 1))'.repeat(2_000)
    expect(counted(nest(16, writes))).toBe(16)
    expect(counted(nest(40))).toBe(40)
    expect(counted(nest(40, writes))).toBeLessThan(30)
  })

  it('in a deep nest or not, for the same fuel', () => {
    const module = watToWasm(`(module (func (export "run") (param i32 i32 i32 i32) ${nest(100)}))`)
    const [reference, compiled] = (['reference', 'compiled'] as const).map((engine) => {
      const instance = compile(module, { engine }).instantiate()
      instance.setFuel(1_000_000_000n)
      return instance.invoke('run', [0, 0, 0, 0])
    })
    expect(reference!.kind).toBe('return')
    expect(compiled).toEqual(reference)
  })

  it.each([
    ['with a second exit', `(block (loop (br_if 1 (local.get 0)) ${STEP} (br_if 0 ${TEST})))`],
    ['with a second way back', `(loop ${STEP} (br_if 0 (local.get 0)) (br_if 0 ${TEST}))`],
    ['that returns', `(loop (if (local.get 0) (then (return))) ${STEP} (br_if 0 ${TEST}))`],
    ['that calls the host', `(loop (call $host) ${STEP} (br_if 0 ${TEST}))`],
    ['whose bound changes', `(loop (local.set 1 (i32.const 5)) ${STEP} (br_if 0 ${TEST}))`],
    ['whose counter is written twice', `(loop ${STEP} ${STEP} (br_if 0 ${TEST}))`],
    ['whose step may be left out', `(loop (if (local.get 0) (then ${STEP})) (br_if 0 ${TEST}))`],
    [
      'whose step is 0',
      '(loop (local.set 2 (i32.add (local.get 2) (i32.const 0))) (br_if 0 (i32.lt_s (local.get 2) (local.get 1))))',
    ],
    [
      'whose step leads away from the bound',
      '(loop (local.set 2 (i32.sub (local.get 2) (i32.const 1))) (br_if 0 (i32.lt_s (local.get 2) (local.get 1))))',
    ],
    ['whose step is in an inner loop', `(loop (loop ${STEP} (br_if 0 (local.get 0))) (br_if 0 ${TEST}))`],
    [
      'whose test may be left out',
      `(block (loop (if (local.get 0) (then (br_if 2 (i32.eqz ${TEST})))) ${STEP} (br 0)))`,
    ],
    [
      'whose test is in an inner loop',
      `(block (loop (loop (br_if 2 (i32.eqz ${TEST})) (br_if 0 (local.get 0))) ${STEP} (br 0)))`,
    ],
    ['that goes on while equal', `(loop ${STEP} (br_if 0 (i32.eq (local.get 2) (local.get 1))))`],
    ['that is never left', '(loop (br 0))'],
  ])('but not one %s', (_name, body) => {
    expect(counted(body)).toBe(0)
  })
})

describe('turns computed on entry', () => {
  const EDGES = [0, 1, 2, 3, 6, 100, -1, -2, -100, 0x7fffffff, 0x7ffffffd, -0x80000000, -0x7fffffff]
  const STEPS = ['1', '-1', '2', '3', '-3', '6', '-6', '0x10000000', '0x60000000', '-0x7fffffff']

  it.each(['ne', 'lt_s', 'lt_u', 'le_s', 'le_u', 'gt_s', 'gt_u', 'ge_s', 'ge_u'])('i32.%s, from edge to edge', (op) => {
    for (const step of STEPS) {
      const text = `(module (func (export "run") (param i32 i32) (result i32)
        (loop (local.set 0 (i32.add (local.get 0) (i32.const ${step}))) (br_if 0 (i32.${op} (local.get 0) (local.get 1))))
        (local.get 0)))`
      const [reference, compiled] = (['reference', 'compiled'] as const).map((engine) =>
        compile(watToWasm(text), { engine, schedule: { instruction: 1 } }).instantiate(),
      )
      for (const start of EDGES) {
        for (const bound of EDGES) {
          const [expected, actual] = [reference!, compiled!].map((instance) => {
            instance.setFuel(2_000n)
            const outcome = instance.invoke('run', [start, bound])
            return outcome.kind === 'return' ? [outcome.values[0], outcome.fuelUsed] : outcome.kind
          })
          expect(actual, `${start} by ${step} while ${op} ${bound}`).toEqual(expected)
        }
      }
    }
  })
})
