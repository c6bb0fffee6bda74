/** Prints of contracts are for people; their cost is bounded, and no contract can see anything of them. */

import { expect, test } from 'vitest'
import { watToWasm } from '../../testing/modules.ts'
import { MAX_DEBUG_TEXT } from './limits.ts'
import { address, newWorld, type World } from './testing/puppet.ts'

const A = address(0xa0n)
const EMPTY = new Uint8Array(0)
/** Prints `length` bytes at `pointer`, `turns` times. */
const printing = (turns: number, pointer: number, length: number): Uint8Array =>
  watToWasm(`(module (import "console" "log_txt" (func $print (param i32 i32)))
    (memory (export "memory") 4)
    (func (export "user_entrypoint") (param i32) (result i32) (local $n i32)
      (memory.fill (i32.const 0) (i32.const 0xff) (i32.const 262144))
      (local.set $n (i32.const ${turns}))
      (loop (call $print (i32.const ${pointer}) (i32.const ${length}))
        (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.const 0)))`)

/** Of a node that shows nothing. */
function quiet(): World {
  const world = newWorld()
  Object.assign(world.config, { debug: undefined })
  return world
}

test('a transaction prints a bounded number of times, however short', () => {
  const world = newWorld()
  world.place(A, printing(3_000, 0, 0))
  expect(world.run(A, EMPTY).kind).toBe('success')
  expect(world.printed.length).toBe(1_024)
})

test('no more is decoded than may be shown', () => {
  const world = newWorld()
  world.place(A, printing(3, 0, 262_144))
  expect(world.run(A, EMPTY).kind).toBe('success')
  // Every byte is its own replacement character.
  expect(world.printed.map(({ length }) => length)).toEqual([MAX_DEBUG_TEXT])
})

test('whether a node shows it changes nothing', () => {
  for (const [pointer, length] of [
    [0, 0],
    [5, 100_000],
    [262_144, 1],
    [-1, 1],
    [100, 262_100],
  ] as const) {
    const worlds = [newWorld(), quiet()]
    const [shown, hidden] = worlds.map((world) => {
      world.place(A, printing(2_000, pointer, length))
      const { kind, gasUsed } = world.run(A, EMPTY)
      return { kind, gasUsed }
    })
    expect(hidden, `${pointer} ${length}`).toEqual(shown)
    expect(worlds[1]!.printed).toEqual([])
  }
})
