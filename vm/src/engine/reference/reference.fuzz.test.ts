/** Random programs on the reference engine and on V8: same values, same host calls, same memory, same kind of trap. */
import { describe, expect, it } from 'vitest'
import { randomProgram } from '../../../test/randomProgram.ts'
import { isV8Trap, v8Instantiate } from '../../../test/v8.ts'
import { seededRandom } from '../../../testing/random.ts'
import { watToWasm } from '../../../testing/wat.ts'
import { compile } from '../../compile.ts'
import type { TrapCode } from '../trap.ts'

const PROGRAMS = 250

/** V8's words for the traps that random programs meet. */
const V8_TRAPS: readonly (readonly [RegExp, TrapCode])[] = [
  [/divide by zero|remainder by zero/, 'integer-divide-by-zero'],
  [/unrepresentable/, 'integer-overflow'],
  [/memory access out of bounds/, 'out-of-bounds-memory'],
  [/function signature mismatch/, 'uninitialized-element'],
]

interface Observed {
  readonly result: bigint | string
  readonly ticks: readonly (number | bigint)[]
  readonly global: unknown
  readonly memory: Uint8Array
}

function onReference(bytes: Uint8Array, args: readonly [number, bigint]): Observed {
  const ticks: (number | bigint)[] = []
  const tick = {
    type: { params: ['i32', 'i64'], results: [] },
    call: (a: number, b: bigint) => void ticks.push(a, b),
  } as const
  const instance = compile(bytes).instantiate({ imports: { e: { tick } }, fuel: 2n ** 52n })
  const outcome = instance.invoke('run', args)
  const result =
    outcome.kind === 'return' ? (outcome.values[0] as bigint) : outcome.kind === 'trap' ? outcome.trap.code : ''
  return { result, ticks, global: instance.global('g'), memory: instance.memory!.read(0, 65536) }
}

function onV8(bytes: Uint8Array, args: readonly [number, bigint]): Observed {
  const ticks: (number | bigint)[] = []
  const exports = v8Instantiate(bytes, { e: { tick: (a: number, b: bigint) => ticks.push(a, b) } })
  let result: bigint | string
  try {
    result = (exports['run'] as (a: number, b: bigint) => bigint)(...args)
  } catch (error) {
    if (!isV8Trap(error)) throw error
    result = V8_TRAPS.find(([words]) => words.test(error.message))?.[1] ?? error.message
  }
  const memory = new Uint8Array((exports['memory'] as { buffer: ArrayBuffer }).buffer)
  return { result, ticks, global: (exports['g'] as { value: bigint }).value, memory }
}

describe('random programs', () => {
  it('do the same on the reference engine and on V8', () => {
    let trapped = 0
    let ticked = 0
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const random = seededRandom(seed)
      const text = randomProgram(random)
      const bytes = watToWasm(text)
      const args = [
        random.below(2 ** 32) | 0,
        BigInt.asIntN(64, BigInt(random.below(2 ** 32)) * 0x1_0000_0001n),
      ] as const
      const ours = onReference(bytes, args)
      const theirs = onV8(bytes, args)
      expect({ seed, ...ours, memory: null }).toEqual({ seed, ...theirs, memory: null })
      // Much faster than comparing 65 536 elements with toEqual.
      expect(
        ours.memory.every((byte, i) => byte === theirs.memory[i]),
        `memory of seed ${seed}`,
      ).toBe(true)
      if (typeof ours.result === 'string') trapped++
      if (ours.ticks.length > 0) ticked++
    }
    // The programs are neither trivial nor all broken.
    expect(trapped).toBeGreaterThan(PROGRAMS / 50)
    expect(trapped).toBeLessThan(PROGRAMS / 2)
    expect(ticked).toBeGreaterThan(PROGRAMS / 10)
  })
})
