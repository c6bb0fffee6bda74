import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../test/wat.ts'
import { decodeAndValidate } from '../compile.ts'
import { canBeReset } from '../engine/compiled/hostedModule.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { startGas } from './startGas.ts'

const moduleOf = (fields: string) => decodeAndValidate(watToWasm(`(module ${fields})`), 'reject', DEFAULT_LIMITS).module
const gasOf = (fields: string): bigint => startGas(moduleOf(fields))
const LASTING = '(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))'

describe('starting a frame', () => {
  it('costs the same for every module that can be made as new, but for its imports', () => {
    expect(gasOf('')).toBe(2_000n)
    expect(gasOf('(memory 32) (table 9000 funcref) (global (mut i32) (i32.const 1)) (func (export "f"))')).toBe(2_000n)
    expect(gasOf('(import "a" "b" (func)) (import "a" "b" (func))')).toBe(2_060n)
  })
  it('is dearer where the instance is made for one frame, by what is declared', () => {
    expect(gasOf(LASTING)).toBe(22_010n)
    expect(gasOf(`${LASTING} (table 99 200 funcref)`)).toBe(22_010n + 990n)
    expect(gasOf(`${LASTING} (elem func 0 0 0)`)).toBe(22_010n + 120n)
    expect(gasOf(`${LASTING} (elem funcref (ref.func 0) (ref.null func))`)).toBe(22_010n + 80n)
    expect(gasOf(`${LASTING} (export "a" (func 0)) (export "b" (func 0))`)).toBe(22_010n + 500n)
    expect(gasOf(`${LASTING} (global i32 (i32.const 1))`)).toBe(22_010n + 300n)
    expect(gasOf(`${LASTING} (memory 1) (data (i32.const 0) "${'x'.repeat(33)}")`)).toBe(22_010n + 2n)
    expect(gasOf('(memory 33)')).toBe(22_000n)
  })
  it('follows what the compiled engine can reset', () => {
    const bodies = [
      '(table.set 0 (i32.const 0) (ref.null func))',
      '(drop (table.get 0 (i32.const 0)))',
      '(table.init 0 $e (i32.const 0) (i32.const 0) (i32.const 0))',
      '(table.copy 0 0 (i32.const 0) (i32.const 0) (i32.const 0))',
      '(drop (table.grow 0 (ref.null func) (i32.const 1)))',
      '(table.fill 0 (i32.const 0) (ref.null func) (i32.const 0))',
      '(elem.drop $e)',
      '(data.drop $d)',
      '(memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))',
      '(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))',
      '(drop (memory.grow (i32.const 1)))',
    ]
    for (const body of bodies) {
      const module = moduleOf(`(memory 1) (table 1 2 funcref) (func $f) (elem $e func $f) (data $d "x") (func ${body})`)
      expect(startGas(module) === 2_000n, body).toBe(canBeReset(module))
    }
  })
})
