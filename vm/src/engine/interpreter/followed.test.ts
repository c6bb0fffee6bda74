import { expect, it } from 'vitest'
import { watToWasm } from '../../../testing/wat.ts'
import { compile } from '../../compile.ts'
import { NAMES } from './operations.ts'
import type { InterpreterProgram } from './program.ts'

it('lowers and fuses the function that docs/rationale/vm.md follows as it says there', () => {
  const program = compile(
    watToWasm(`(func $sum (export "sum") (param $n i32) (result i32) (local $s i32)
      (loop $next
        (local.set $s (i32.add (local.get $s) (local.get $n)))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $s))`),
    { engine: 'interpreter' },
  ) as InterpreterProgram
  const outcome = program.instantiate({ fuel: 10n ** 6n }).invoke('sum', [4])
  expect(outcome).toEqual({ kind: 'return', values: [10], fuelUsed: 800n + 4n * 6_000n })
  const { image, code, start } = program.lowered
  const view = new DataView(image.buffer, image.byteOffset, image.length)
  const words = Array.from({ length: (image.length - (code - start)) / 4 }, (_, i) =>
    view.getInt32(code - start + i * 4, true),
  )
  expect(code).toBe(1056)
  expect(words).toEqual([
    ...[NAMES.indexOf('charge'), 6_000],
    ...[NAMES.indexOf('i32.add.rr>i32.add.ri:-'), 8, 0, 8, 0, -1, 0],
    ...[NAMES.indexOf('br_nez'), 0, 1064, 6_000, 0],
    ...[NAMES.indexOf('return.value'), 8, 16],
  ])
})
