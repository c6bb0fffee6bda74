import { describe, expect, it } from 'vitest'
import { engineSuite, load, trapOf, valuesOf } from '../../../test/engineSuite.ts'
import { watToWasm } from '../../../testing/wat.ts'
import { compile } from '../../compile.ts'
import { DEFAULT_LIMITS } from '../../limits.ts'
import { LOADS, STORES } from './operations.ts'
import type { InterpreterProgram } from './program.ts'

const create: Parameters<typeof engineSuite>[0] = (bytes, options) =>
  compile(bytes, { ...options, engine: 'interpreter' })

describe('the interpreter', () => {
  engineSuite(create)
})

/** Ways an address comes to an access: each is another instruction of the core, or another fused one. */
const ADDRESSES = [
  '(local.get 0)',
  '(i32.add (local.get 0) (i32.const 0))',
  '(i32.load (i32.const 64))',
  '(i32.wrap_i64 (i64.extend_i32_s (local.get 0)))',
  '(select (local.get 0) (i32.const 7) (i32.const 1))',
]

describe('every access of memory', () => {
  const accesses = [...LOADS, ...STORES].map(([, name]) => name)
  it.each(accesses)('%s stops at the end, wherever its address comes from', (name) => {
    const bits = /(\d+)(?:_[su])?$/.exec(name.replace(/^i(32|64)\.(load|store)$/, '$1'))![1]!
    const width = Number(bits) / 8
    const type = name.slice(0, 3)
    const body = (address: string, offset: number): string =>
      name.includes('store')
        ? `(${name} offset=${offset} ${address} (${type}.const -1))`
        : `(drop (${name} offset=${offset} ${address}))`
    const functions = ADDRESSES.flatMap((address, i) =>
      [0, 1, 4_294_967_295].map(
        (offset) =>
          `(func (export "f${i}_${offset}") (param i32) (i32.store (i32.const 64) (local.get 0)) ${body(address, offset)})`,
      ),
    )
    const { instance } = load(create, `(memory 1) ${functions.join('')}`)
    const run = (i: number, offset: number, address: number) => {
      instance.setFuel(10n ** 12n)
      return instance.invoke(`f${i}_${offset}`, [address])
    }
    for (const i of ADDRESSES.keys()) {
      expect(valuesOf(run(i, 0, 65_536 - width))).toEqual([])
      expect(valuesOf(run(i, 1, 65_535 - width))).toEqual([])
      const outside = [
        ...[0, 1].map((offset) => [offset, 65_537 - width - offset]),
        ...[0, 1, 4_294_967_295].flatMap((offset) => [-1, -width, -0x8000_0000, 0x7fff_ffff].map((at) => [offset, at])),
        ...[1, 2, 65_535].map((at) => [4_294_967_295, at]),
      ] as const
      for (const [offset, address] of outside) {
        expect(trapOf(run(i, offset!, address!)).code, `${i} ${offset} ${address}`).toBe('out-of-bounds-memory')
      }
    }
  })
})

it('an instance keeps the references of the segments alone that it can still copy', () => {
  const bytes = watToWasm(`(module (table 2 funcref) (func $f) (elem (i32.const 0) func $f $f) (elem func $f $f)
    (elem declare func $f))`)
  const { elements } = (create(bytes, {}) as InterpreterProgram).instantiate()
  expect(elements.map(({ length }) => length)).toEqual([0, 2, 0])
})

it('a branch with as many values as a block can have takes no more code than one with two', () => {
  const { results } = DEFAULT_LIMITS
  const module = (values: number): string => {
    const type = Array(values).fill('i64').join(' ')
    const carried = Array.from({ length: values }, (_, i) => `(i64.const ${i})`).join('')
    return `(func (export "run") (param i32) (result ${type})
      (block (result ${type}) (i32.const 7) ${carried} ${'(br_if 0 (local.get 0))'.repeat(100)} (br 0)))`
  }
  const sizes = [2, results].map((values) => {
    const { instance, program } = load(create, `(memory 1) ${module(values)}`)
    for (const way of [0, 1]) {
      instance.setFuel(10n ** 12n)
      expect(valuesOf(instance.invoke('run', [way]))).toEqual(Array.from({ length: values }, (_, i) => BigInt(i)))
    }
    return (program as InterpreterProgram).lowered.image.length
  })
  // What makes the values themselves is two words and a slot for each.
  expect(sizes[1]! - sizes[0]!).toBeLessThanOrEqual((results - 2) * 16)
})
