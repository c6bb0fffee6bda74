import { describe, expect, it } from 'vitest'
import { type Idle, IdlePool, INSTANCE_BYTES, MAX_IDLE } from './idlePool.ts'

const instance = (program: object, size = 0): Idle => ({ program, idleBytes: INSTANCE_BYTES + size })

describe('idle instances', () => {
  it('are taken by their own program only, the last used first, and a few of each', () => {
    const pool = new IdlePool()
    const [a, b] = [{}, {}]
    const made = Array.from({ length: MAX_IDLE + 2 }, () => instance(a))
    for (const hosted of made) pool.give(a, hosted)
    expect(pool.take(b)).toBeUndefined()
    expect(Array.from({ length: MAX_IDLE + 1 }, () => pool.take(a))).toEqual([
      ...made.slice(0, MAX_IDLE).reverse(),
      undefined,
    ])
    expect(pool.bytes).toBe(0)
  })
  it('of all programs are bounded by their memories; the longest idle goes first', () => {
    const pool = new IdlePool(3 * (INSTANCE_BYTES + 1_000))
    const programs = Array.from({ length: 4 }, () => ({}))
    for (const program of programs) pool.give(program, instance(program, 1_000))
    expect(programs.map((program) => pool.take(program) !== undefined)).toEqual([false, true, true, true])
    const large = {}
    pool.give(large, instance(large, 10 * INSTANCE_BYTES))
    expect(pool.take(large)).toBeUndefined()
    expect(pool.bytes).toBe(0)
  })
  it('are taken away with the bytes they were counted with, whatever they come to while they wait', () => {
    const pool = new IdlePool()
    const program = {}
    const growing = { program, idleBytes: INSTANCE_BYTES }
    pool.give(program, growing)
    growing.idleBytes += 1_000_000
    expect([pool.bytes, pool.take(program), pool.bytes]).toEqual([INSTANCE_BYTES, growing, 0])
  })
  it('of a program that is gone are gone', () => {
    const pool = new IdlePool()
    const [a, b] = [{}, {}]
    for (const program of [a, a, b]) pool.give(program, instance(program))
    pool.forget(a)
    expect([pool.take(a), pool.take(b) !== undefined, pool.bytes]).toEqual([undefined, true, 0])
  })
  it('all make room where the host has none left for a memory, once, and only for that', () => {
    const pool = new IdlePool()
    const [a, b] = [{}, {}]
    const fill = (): void => {
      for (const program of [a, a, b]) pool.give(program, instance(program))
    }
    /** What comes of making something that fails so often first: the failure that got out, and how many were left. */
    const outcome = (failures: readonly Error[]): unknown => {
      const left = [...failures]
      try {
        return pool.makingRoom(() => {
          const failure = left.shift()
          if (failure !== undefined) throw failure
          return 'made'
        })
      } catch (error) {
        return [error, left.length]
      }
    }
    const [full, fuller, other] = [new RangeError('no memory'), new RangeError('again'), new TypeError('no memory')]
    fill()
    expect([outcome([]), pool.bytes]).toEqual(['made', 3 * INSTANCE_BYTES])
    expect([outcome([other]), pool.bytes]).toEqual([[other, 0], 3 * INSTANCE_BYTES])
    expect([outcome([full]), pool.bytes]).toEqual(['made', 0])
    fill()
    expect([outcome([full, fuller, full]), pool.bytes]).toEqual([[fuller, 1], 0])
    // Nothing is idle, so a second time would be as the first.
    expect(outcome([full, fuller])).toEqual([full, 1])
  })
})
