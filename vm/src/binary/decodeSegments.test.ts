import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { decode } from './decode.ts'
import { encode } from './encode.ts'

describe('expressions of elements', () => {
  it('are kept once however often they occur, and are written as often as they occurred', () => {
    const often = '(ref.null func) (ref.func $f) (ref.func $g) '.repeat(1_000)
    const bytes = watToWasm(`(module (import "env" "g" (global $g funcref)) (func $f) (func $g)
      (elem funcref ${often}) (elem funcref ${often} (global.get $g)))`)
    const module = decode(bytes, { floats: 'reject', limits: DEFAULT_LIMITS })
    const [first, second] = module.elements.map(({ expressions }) => expressions!)
    expect(first).toHaveLength(3_000)
    expect(new Set([...first!, ...second!]).size).toBe(4)
    expect(encode(module)).toEqual(bytes)
  })

  it('that differ in anything are not taken for each other', () => {
    const bytes = watToWasm(`(module (func $f)
      (elem funcref (item i64.const 1) (item i64.const 4294967297) (item i32.const 1) (item ref.func $f) (item i64.const 1)))`)
    expect(encode(decode(bytes, { floats: 'reject', limits: DEFAULT_LIMITS }))).toEqual(bytes)
  })
})
