/**
 * The compiled engine keeps the host from putting large counted functions in place of calls, as the stack rule takes
 * for granted.
 */
import { expect, it } from 'vitest'
import { watToWasm } from '../../../testing/wat.ts'
import { decodeAndValidate } from '../../compile.ts'
import { compile, DEFAULT_LIMITS } from '../../index.ts'
import type { CompiledProgram } from './program.ts'

/** V8's flag wasm-inlining-max-size. */
const LARGEST_INLINED = 500

function rewrittenSizes(text: string): number[] {
  const { rewritten } = compile(watToWasm(`(module ${text})`), { engine: 'compiled' }) as CompiledProgram
  const { module } = decodeAndValidate(rewritten.bytes, 'reject', { ...DEFAULT_LIMITS, bodyBytes: 1_000_000 })
  return module.bodies.map(({ byteLength }) => byteLength)
}

it('makes counted functions that are not small longer than what is put in place of calls, and no others', () => {
  const values = (count: number): string => `(param i32) (result i32) (local.get 0) ${'(i32.clz) '.repeat(count)}`
  const [large, small, plain, wide, other] = rewrittenSizes(`(table 2 funcref) (elem (i32.const 0) $large $small)
    (func $large ${values(33)}) (func $small ${values(32)}) (func $plain ${values(400)})
    (func $wide (call $other)) (func $other (local i32 i64 i32) (call $wide))`)
  for (const size of [large, wide, other]) expect(size).toBeGreaterThan(LARGEST_INLINED)
  expect(large).toBeLessThan(LARGEST_INLINED + 16)
  expect(small).toBeLessThan(100)
  expect(plain).toBeLessThan(LARGEST_INLINED)
})
