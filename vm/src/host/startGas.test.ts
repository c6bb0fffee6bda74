import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { decodeAndValidate } from '../compile.ts'
import { canBeReset } from '../engine/canBeReset.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { startGas } from './startGas.ts'

const moduleOf = (fields: string) => decodeAndValidate(watToWasm(`(module ${fields})`), 'reject', DEFAULT_LIMITS).module
const gasOf = (fields: string): bigint => startGas(moduleOf(fields))
const LASTING = '(table 0 funcref) (func (table.set (i32.const 0) (ref.null func)))'

describe('starting a frame', () => {
  it('costs by what is declared, whether or not an engine can use an instance again', () => {
    const grow = '(func (drop (memory.grow (i32.const 1))))'
    for (const [more, function_] of [
      ['', 0n],
      [`(memory 1) ${grow}`, 6n],
    ] as const) {
      const least = 2_000n + function_
      expect(gasOf(more)).toBe(least)
      expect(gasOf(`(import "a" "b" (func)) (import "a" "b" (func)) ${more}`)).toBe(least + 60n)
      expect(gasOf(`${more} (func) (func)`)).toBe(least + 12n)
      expect(gasOf(`${more} ${'(table 10000 funcref)'.repeat(16)}`)).toBe(least + 5n * 160_000n)
      // A constant and its end.
      expect(gasOf(`${more} (global (mut i64) (i64.const 1))`)).toBe(least + 30n + 4n)
      expect(gasOf(`${more} (global i32 (i32.const 1)) (func (export "f"))`)).toBe(least + 30n + 4n + 6n)
    }
  })
  it('counts segments by what they hold, and the instructions of constant expressions', () => {
    expect(gasOf('(func) (elem func 0 0 0)')).toBe(2_006n + 12n)
    expect(gasOf('(func) (elem funcref (ref.func 0) (ref.null func))')).toBe(2_006n + 8n + 8n)
    expect(gasOf('(func) (table 2 funcref) (elem (i32.const 0) func 0)')).toBe(2_006n + 10n + 4n + 4n)
    expect(gasOf(`(memory 1) (data "${'x'.repeat(33)}")`)).toBe(2_000n + 2n + 4n)
    expect(gasOf(`(memory 1) (data (i32.const 0) "${'x'.repeat(32)}")`)).toBe(2_000n + 1n + 4n)
    // Each passive one besides, so that empty ones are not free.
    expect(gasOf(`(memory 1) ${'(data "")'.repeat(4_000)}`)).toBe(2_000n + 4n * 4_000n)
    expect(gasOf(`(memory 1) (data "${'x'.repeat(64)}") (data "y")`)).toBe(2_000n + 2n + 1n + 8n)
    const long = `(i32.add (i32.const 1) ${'(i32.add (i32.const 1) '.repeat(99)}(i32.const 1)${')'.repeat(100)}`
    expect(gasOf(`(global i32 ${long})`)).toBe(2_000n + 30n + 2n * 202n)
  })
  it('is dearer where no instance can be used twice', () => {
    expect(gasOf(LASTING)).toBe(22_006n)
    expect(gasOf('(memory 33)')).toBe(22_000n)
    expect(gasOf('(memory 32)')).toBe(2_000n)
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
      expect(startGas(module) < 20_000n, body).toBe(canBeReset(module))
    }
  })
})
