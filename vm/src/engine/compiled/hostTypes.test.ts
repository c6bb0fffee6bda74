/** The host gets no more function types than it was said to get, and a module that has further ones runs all the same. */
import { afterEach, describe, expect, it } from 'vitest'
import { watToWasm } from '../../../testing/wat.ts'
import { compile } from '../../compile.ts'
import { MAX_HOST_TYPES, MAX_KNOWN_HOST_TYPE_VALUES } from '../../limits.ts'
import { boundHostTypes, takeHostTypes, USUAL_TYPES } from './hostTypes.ts'

/** V8: TypeCanonicalizer. */
const HOST_ENDS_AT = 2_000_000

afterEach(() => boundHostTypes(new Int32Array(1), 0, MAX_HOST_TYPES))

/** Function 0 adds its first two parameters; the others have types of their own, of `params` each. */
const module = (types: number, params: number): Uint8Array =>
  watToWasm(`(module ${Array.from(
    { length: types },
    (_, i) =>
      `(func (export "f${i}") (param ${Array.from({ length: params }, (_, k) => ((i >> k) & 1 ? 'i64' : 'i32')).join(' ')}))`,
  ).join('\n')}
    (func (export "sum") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`)

const sum = (bytes: Uint8Array) => compile(bytes).instantiate({ fuel: 10_000_000n }).invoke('sum', [20, 22])

describe('types given to the host', () => {
  it('leave room for those that are not counted', () => {
    expect(USUAL_TYPES).toBe(229_369)
    expect(USUAL_TYPES + MAX_HOST_TYPES).toBeLessThan(HOST_ENDS_AT)
  })

  it('are counted where they are unusual', () => {
    const counts = new Int32Array(new SharedArrayBuffer(8))
    boundHostTypes(counts, 1, 10)
    const i32s = (length: number) => Array.from({ length }, () => 'i32' as const)
    expect(takeHostTypes([{ params: i32s(14), results: i32s(2) }])).toBe(true)
    expect([...counts]).toEqual([0, 0])
    expect(takeHostTypes([{ params: i32s(15), results: [] }])).toBe(true)
    expect(takeHostTypes([{ params: [], results: i32s(3) }])).toBe(true)
    expect(
      takeHostTypes([
        { params: ['funcref'], results: [] },
        { params: [], results: [] },
      ]),
    ).toBe(true)
    expect([...counts]).toEqual([0, 3])
    // More than is left: none of them is counted, and fewer still fit.
    const many = Array.from({ length: 8 }, (_, i) => ({ params: i32s(20 + i), results: [] }))
    expect(takeHostTypes(many)).toBe(false)
    expect([...counts]).toEqual([0, 3])
    expect(takeHostTypes(many.slice(1))).toBe(true)
    expect([...counts]).toEqual([0, 10])
  })

  it('that would be too many are not given, and the outcome is the same', () => {
    const counts = new Int32Array(1)
    boundHostTypes(counts, 0, 100)
    const usual = module(20, 10)
    const unusual = module(20, 20)
    const first = sum(unusual)
    expect(first).toMatchObject({ kind: 'return', values: [42] })
    expect(counts[0]).toBeGreaterThanOrEqual(20)
    boundHostTypes(counts, 0, counts[0]!)
    const before = counts[0]
    expect(sum(unusual)).toEqual(first)
    expect(sum(usual)).toMatchObject({ kind: 'return', values: [42] })
    expect(counts[0]).toBe(before)
  })

  it('of one program are counted once, however many instances it has', () => {
    const counts = new Int32Array(1)
    boundHostTypes(counts, 0, 1_000)
    const program = compile(module(20, 20))
    program.instantiate({ fuel: 1_000n })
    const once = counts[0]
    program.instantiate({ fuel: 1_000n })
    expect(once).toBeGreaterThan(0)
    expect(counts[0]).toBe(once)
  })

  it('count once in a thread, also of a program that is prepared again', () => {
    const counts = new Int32Array(1)
    boundHostTypes(counts, 0, 1_000)
    sum(module(20, 20))
    const once = counts[0]
    expect(once).toBeGreaterThan(0)
    sum(module(20, 20))
    expect(counts[0]).toBe(once)
    // Of a module that also has others, only those.
    sum(module(21, 20))
    expect(counts[0]! - once!).toBe(1)
  })

  it('differ by what are parameters and what results, and those refused are not taken for known', () => {
    const counts = new Int32Array(1)
    boundHostTypes(counts, 0, 2)
    const i64s = (length: number) => Array.from({ length }, () => 'i64' as const)
    const wide = { params: i64s(10), results: i64s(10) }
    expect(takeHostTypes([wide, wide])).toBe(true)
    expect(counts[0]).toBe(1)
    const others = [
      { params: i64s(11), results: i64s(9) },
      { params: i64s(9), results: i64s(11) },
    ]
    expect(takeHostTypes(others)).toBe(false)
    expect(takeHostTypes(others)).toBe(false)
    expect(counts[0]).toBe(1)
    expect(takeHostTypes([wide, others[0]!])).toBe(true)
    expect(takeHostTypes([wide, others[0]!])).toBe(true)
    expect(takeHostTypes(others)).toBe(false)
  })

  it('are not remembered where they are long, so they count each time', () => {
    const counts = new Int32Array(1)
    boundHostTypes(counts, 0, 10)
    const type = (length: number) => ({ params: Array.from({ length }, () => 'i32' as const), results: [] })
    for (let times = 0; times < 2; times++) takeHostTypes([type(MAX_KNOWN_HOST_TYPE_VALUES)])
    expect(counts[0]).toBe(1)
    for (let times = 0; times < 2; times++) takeHostTypes([type(MAX_KNOWN_HOST_TYPE_VALUES + 1)])
    expect(counts[0]).toBe(3)
  })
})
