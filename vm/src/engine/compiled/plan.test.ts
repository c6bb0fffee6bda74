/** A fault of the host while a module is rewritten leaves nothing behind in what the next one is rewritten with. */
import { expect, it, vi } from 'vitest'
import { watToWasm } from '../../../testing/wat.ts'
import { compile } from '../../compile.ts'
import type { EngineName } from '../engine.ts'

it('a module is charged as ever after another had no memory for a list', () => {
  const step = '(block (br_if 0 (local.get 0)) (return (local.get 0)))'
  const bytes = watToWasm(`(module (func (export "run") (param i32) (result i32) ${step.repeat(200)} (local.get 0)))`)
  const run = (engine: EngineName) =>
    compile(bytes, { engine })
      .instantiate({ fuel: 10n ** 9n })
      .invoke('run', [7])
  // Six instructions each, and two. The lists of a placement are made twice as long as that, of numbers two, one by one.
  const length = 2 * (200 * 6 + 2)
  const full = new RangeError('no memory')
  const { Float64Array: numbers } = globalThis
  let asked = 0
  vi.spyOn(globalThis, 'Float64Array').mockImplementation(function (this: unknown, size: number) {
    if (size === length && ++asked === 2) throw full
    return new numbers(size)
  } as never)
  expect(() => run('compiled')).toThrow(full)
  vi.restoreAllMocks()
  const expected = run('reference')
  expect(expected).toMatchObject({ kind: 'return', values: [7] })
  expect(run('compiled')).toEqual(expected)
})
