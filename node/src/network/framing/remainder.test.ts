import { expect, it } from 'vitest'
import { Remainder } from './remainder.ts'

const holder = { evict() {} }

it('gives memory back at once, when it grows and when it is cleared, but not what it has handed on', () => {
  const remainder = new Remainder(holder, undefined)
  const begun = remainder.with(Uint8Array.of(1, 2, 3))
  remainder.keep(begun, false)
  const { buffer: first } = remainder.with(new Uint8Array(0))
  const grown = remainder.with(Uint8Array.of(4))
  expect([...grown]).toEqual([1, 2, 3, 4])
  expect(first.byteLength).toBe(0)
  // A frame of two bytes is whole, and handed on; the rest is kept elsewhere.
  const whole = grown.subarray(0, 2)
  remainder.keep(grown.subarray(2), true)
  const rest = remainder.with(Uint8Array.of(5))
  expect([...rest]).toEqual([3, 4, 5])
  remainder.keep(rest, false)
  remainder.clear()
  expect(rest.buffer.byteLength).toBe(0)
  expect([...whole]).toEqual([1, 2])
  expect([remainder.length, ...remainder.with(Uint8Array.of(9))]).toEqual([0, 9])
})

it('grows by half, so that it never has half as much again as it needs', () => {
  const remainder = new Remainder(holder, undefined)
  let kept = remainder.with(new Uint8Array(1_000))
  remainder.keep(kept, false)
  for (let length = 1_001; length <= 5_000; length++) {
    kept = remainder.with(Uint8Array.of(length & 0xff))
    remainder.keep(kept, false)
    expect(kept.buffer.byteLength).toBeLessThanOrEqual(Math.ceil(1.5 * length))
  }
  expect(kept.subarray(-3)).toEqual(Uint8Array.of(4_998 & 0xff, 4_999 & 0xff, 5_000 & 0xff))
})
