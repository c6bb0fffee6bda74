/**
 * Growth paid to an import, part of the engine conformance suite: a schedule may name a function that `memory.grow` calls.
 */
import { describe, expect, it } from 'vitest'
import { type HostContext, HostTrap, type Imports } from '../src/index.ts'
import { type CreateProgram, host, load, PLENTY, trapOf, valuesOf } from './engineSuite.ts'

/** One unit for each instruction that is not structure. */
const HOOKED = { schedule: { instruction: 1, growthImport: { module: 'e', name: 'pay' } } }

const growing = (memory: string): string => `(import "e" "tick" (func $tick)) (import "e" "pay" (func $pay (param i32)))
  (memory (export "memory") ${memory})
  (func $twice (result i32) (local $i i32)
    (loop $again
      (drop (memory.grow (local.get $i)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2))))
    (memory.size))
  (func (export "run") (param i32) (result i32) (i32.add (memory.grow (local.get 0)) (call $twice)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))`

export function growthSuite(create: CreateProgram): void {
  describe('growth that an import is paid for', () => {
    const heard: (readonly [pages: number, fuelUsed: bigint, size: number])[] = []
    const imports: Imports = {
      e: {
        tick: host([], [], () => undefined),
        pay: host(['i32'], [], (pages: number, context: HostContext) => {
          heard.push([pages, PLENTY - context.fuelLeft(), context.memory!.size / 65_536])
          if (pages === 77) throw new HostTrap('out-of-gas', 'too dear')
          context.chargeFuel(BigInt(Math.max(0, pages)) * 100n)
          return undefined
        }),
      },
    }
    const instanceOf = (memory: string, schedule: object = HOOKED) => {
      heard.length = 0
      return load(create, growing(memory), imports, schedule).instance
    }

    it('calls it with the operand before the memory grows, and has charged exactly what ran', () => {
      const outcome = instanceOf('1').invoke('run', [5])
      expect(valuesOf(outcome)).toEqual([1 + 7])
      // local.get, memory.grow; then call, local.get, memory.grow; then eight to the end of a turn, and two again.
      expect(heard).toEqual([
        [5, 2n, 1],
        [0, 505n, 6],
        [1, 515n, 6],
      ])
      // Eight more, memory.size, add.
      expect(outcome.fuelUsed).toBe(625n)
    })
    it('calls it for growth that fails, and lets it trap before the memory grows', () => {
      const instance = instanceOf('1')
      expect(valuesOf(instance.invoke('grow', [-1]))).toEqual([-1])
      expect(valuesOf(instance.invoke('grow', [1_000]))).toEqual([-1])
      expect(trapOf(instance.invoke('grow', [77])).code).toBe('out-of-gas')
      expect(instance.memory!.size).toBe(65_536)
      expect(heard.map(([pages]) => pages)).toEqual([-1, 1_000, 77])
    })
    it('calls nothing where the memory cannot grow, or the schedule names no import or one of another type', () => {
      const uncalled = [
        instanceOf('1 1'),
        instanceOf('1', { schedule: { instruction: 1 } }),
        instanceOf('1', { schedule: { instruction: 1, growthImport: { module: 'e', name: 'tick' } } }),
        instanceOf('1', { schedule: { instruction: 1, growthImport: { module: 'e', name: 'none' } } }),
      ]
      for (const instance of uncalled) expect(instance.invoke('grow', [0]).fuelUsed).toBe(2n)
      expect(heard).toEqual([])
    })
  })
}
