/** The memory of a machine: how far the host is told that it can grow, and going on in another where that is not enough. */
import { afterEach, expect, it, vi } from 'vitest'
import { load, valuesOf } from '../../../test/engineSuite.ts'
import { compile } from '../../compile.ts'
import { DEFAULT_LIMITS, PAGE_BYTES } from '../../limits.ts'
import { hostWebAssembly } from '../hostWebAssembly.ts'
import { Machine } from './machine.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Maxima, in pages, of the memories that the host is asked for. */
function maximaAsked(): readonly number[] {
  const { Memory } = hostWebAssembly
  const asked: number[] = []
  class Heard {
    constructor(limits: { readonly initial: number; readonly maximum: number }) {
      asked.push(limits.maximum)
      // biome-ignore lint/correctness/noConstructorReturn: stands in front of the host's own
      return new Memory(limits)
    }
  }
  vi.spyOn(hostWebAssembly, 'Memory').mockImplementation(Heard as never)
  return asked
}

it('is no larger than what a contract can ever have, which hosts without guard pages reserve', () => {
  const asked = maximaAsked()
  const { instance } = load(
    (bytes, options) => compile(bytes, { ...options, engine: 'interpreter' }),
    '(memory 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))',
  )
  const grow = (pages: number) => {
    instance.setFuel(10n ** 12n)
    return valuesOf(instance.invoke('grow', [pages]))
  }
  expect(grow(DEFAULT_LIMITS.memoryPages)).toEqual([-1])
  expect(grow(DEFAULT_LIMITS.memoryPages - 1)).toEqual([1])
  expect(asked).toHaveLength(1)
  expect(asked[0]).toBeGreaterThan(DEFAULT_LIMITS.memoryPages)
  expect(asked[0]).toBeLessThan(2 * DEFAULT_LIMITS.memoryPages)
})

it('goes on in another with all that it has, where something stands behind the memory of the contract', () => {
  const asked = maximaAsked()
  const machine = new Machine(PAGE_BYTES, 2 * PAGE_BYTES)
  const { bytes, view, memory } = machine
  bytes[PAGE_BYTES - 1] = 7
  machine.reach(2 * PAGE_BYTES)
  expect(machine.memory).toBe(memory)
  const last = machine.bytes
  expect(machine.allocate(3 * PAGE_BYTES)).toBe(2 * PAGE_BYTES)
  expect(machine.bytes).toHaveLength(5 * PAGE_BYTES)
  expect([machine.bytes[PAGE_BYTES - 1], machine.view.getUint8(PAGE_BYTES - 1)]).toEqual([7, 7])
  expect(asked).toEqual([2, 65_536])
  // Nobody writes to the old one any more.
  expect(last).toHaveLength(0)
  expect(() => view.getUint8(0)).toThrow(TypeError)
  machine.reach(9 * PAGE_BYTES)
  expect(asked).toHaveLength(2)
})

it('stays as it is where the host has no other', () => {
  const machine = new Machine(PAGE_BYTES, PAGE_BYTES)
  const { bytes, memory } = machine
  const failure = new RangeError('Out of memory: Cannot allocate Wasm memory')
  class Refusing {
    constructor() {
      throw failure
    }
  }
  vi.spyOn(hostWebAssembly, 'Memory').mockImplementation(Refusing as never)
  expect(() => machine.reach(2 * PAGE_BYTES)).toThrow(failure)
  expect(machine.memory).toBe(memory)
  expect(bytes).toHaveLength(PAGE_BYTES)
})
