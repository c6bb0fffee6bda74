/** The price of frames for the declarations of their module, and the bound on all frames of a transaction at once. */

import { describe, expect, test } from 'vitest'
import { watToWasm } from '../../testing/modules.ts'
import { concatBytes } from '../codec/bytes.ts'
import { MAX_CALL_DEPTH } from './limits.ts'
import { createProgramCache } from './programCache.ts'
import { address, newWorld, outputOf, type World } from './testing/puppet.ts'

const A = address(0xa0n)
const B = address(0xb0n)
const C = address(0xc0n)
const EMPTY = new Uint8Array(0)
const TABLES = '(table 10000 10000 funcref)'.repeat(16)
/** The price a frame of that module pays for its elements, and for the 78 pages they count as. */
const TABLES_GAS = 5n * 160_000n
const TABLES_PAGES = 78n

const engines = ['reference', 'compiled'] as const
function worldOf(engine: (typeof engines)[number]): World {
  const world = newWorld()
  Object.assign(world, { config: { ...world.config, engine, programs: createProgramCache() } })
  return world
}

/** Calls itself as often as the calldata says, and fails when a call of it does. */
const nesting = (fields: string): Uint8Array =>
  watToWasm(`(module
    (import "vm_hooks" "read_args" (func $args (param i32)))
    (import "vm_hooks" "contract_address" (func $self (param i32)))
    (import "vm_hooks" "static_call_contract" (func $call (param i32 i32 i32 i64 i32) (result i32)))
    (memory (export "memory") 1) ${fields}
    (func (export "user_entrypoint") (param i32) (result i32)
      (call $args (i32.const 0)) (call $self (i32.const 160))
      (if (i32.load8_u (i32.const 0)) (then
        (i32.store8 (i32.const 0) (i32.sub (i32.load8_u (i32.const 0)) (i32.const 1)))
        (return (call $call (i32.const 160) (i32.const 0) (i32.const 1) (i64.const -1) (i32.const 300)))))
      (i32.const 0)))`)

describe.each(engines)('a frame on the %s engine', (engine) => {
  test('pays for what its module declares, also where it grows its memory', () => {
    const gasOf = (fields: string, body: string): bigint => {
      const world = worldOf(engine)
      world.place(
        B,
        watToWasm(`(module (memory (export "memory") 1) ${fields}
          (func (export "user_entrypoint") (param i32) (result i32) ${body} (i32.const 0)))`),
      )
      const once = world.run(B, EMPTY)
      outputOf(once)
      return once.gasUsed
    }
    for (const body of ['', '(drop (memory.grow (i32.const 1)))']) {
      const difference = gasOf(TABLES, body) - gasOf('', body)
      // The pages less the one that was free, the module's bytes, and the ramp.
      expect(difference).toBeGreaterThan(TABLES_GAS + 1_000n * (TABLES_PAGES - 1n))
      expect(difference).toBeLessThan(TABLES_GAS + 1_000n * TABLES_PAGES + 200n)
    }
  })
  test('that cannot pay its pages makes none cheaper for those after it', () => {
    /** B starts with 256 pages and A has 100. */
    const gasOf = (firstGas: bigint): bigint => {
      const world = worldOf(engine)
      world.place(
        B,
        watToWasm(
          '(module (memory (export "memory") 256) (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))',
        ),
      )
      world.place(
        A,
        watToWasm(`(module
          (import "vm_hooks" "read_args" (func $args (param i32)))
          (import "vm_hooks" "static_call_contract" (func $call (param i32 i32 i32 i64 i32) (result i32)))
          (memory (export "memory") 100)
          (func (export "user_entrypoint") (param i32) (result i32)
            (call $args (i32.const 0))
            (drop (call $call (i32.const 0) (i32.const 0) (i32.const 0) (i64.const ${firstGas}) (i32.const 300)))
            (call $call (i32.const 0) (i32.const 0) (i32.const 0) (i64.const -1) (i32.const 300))))`),
      )
      const outcome = world.run(A, B)
      outputOf(outcome)
      return outcome.gasUsed
    }
    // The first call fails for want of gas: before it begins, and when it is to pay its pages, having paid the loading.
    expect(gasOf(80_000n) - gasOf(1_000n)).toBeGreaterThan(75_000n)
  })
  test('nests to the deepest when its tables are small', () => {
    const world = worldOf(engine)
    world.place(B, nesting('(table 500 funcref)'))
    const outcome = world.run(B, Uint8Array.of(MAX_CALL_DEPTH - 2))
    outputOf(outcome)
    expect(outcome.gasUsed).toBeLessThan(2_000_000n)
  })
  test('does not nest where the tables of all would not be paid for', () => {
    const world = worldOf(engine)
    world.place(B, nesting(TABLES))
    for (const [depth, kind] of [
      [3, 'success'],
      [6, 'revert'],
      [126, 'revert'],
    ] as const) {
      const outcome = world.run(B, Uint8Array.of(depth), { gas: 30_000_000n })
      expect([depth, outcome.kind]).toEqual([depth, kind])
      expect(outcome.gasUsed).toBeGreaterThan(4n * TABLES_GAS)
    }
  })
  test('counts what a call returned, until the next one', () => {
    const world = worldOf(engine)
    world.place(
      B,
      watToWasm(`(module (import "vm_hooks" "write_result" (func $result (param i32 i32)))
        (memory (export "memory") 100)
        (func (export "user_entrypoint") (param i32) (result i32)
          (call $result (i32.const 0) (i32.const 6553600)) (i32.const 0)))`),
    )
    world.place(
      C,
      watToWasm(`(module (import "vm_hooks" "static_call_contract" (func $call (param i32 i32 i32 i64 i32) (result i32)))
        (import "vm_hooks" "contract_address" (func $self (param i32)))
        (import "vm_hooks" "read_args" (func $args (param i32)))
        (memory (export "memory") 1)
        (func (export "user_entrypoint") (param i32) (result i32)
          (call $args (i32.const 0)) (call $self (i32.const 160))
          (if (call $call (i32.const 1) (i32.const 0) (i32.const 0) (i64.const -1) (i32.const 300))
            (then (return (i32.const 1))))
          (if (i32.eqz (i32.load8_u (i32.const 0))) (then (return (i32.const 0))))
          (i32.store8 (i32.const 0) (i32.sub (i32.load8_u (i32.const 0)) (i32.const 1)))
          (call $call (i32.const 160) (i32.const 0) (i32.const 21) (i64.const -1) (i32.const 300))))`),
    )
    // Each frame calls B, which returns a hundred pages, and then the next frame.
    const run = (depth: number) => world.run(C, concatBytes(Uint8Array.of(depth), B), { gas: 30_000_000n })
    expect([0, 2, 3, 4, 20].map((depth) => run(depth).kind)).toEqual([
      'success',
      'success',
      'success',
      'revert',
      'revert',
    ])
    // One after the other they do not add up.
    const CALL = '(drop (call $call (i32.const 0) (i32.const 0) (i32.const 0) (i64.const -1) (i32.const 300)))'
    world.place(
      A,
      watToWasm(`(module (import "vm_hooks" "static_call_contract" (func $call (param i32 i32 i32 i64 i32) (result i32)))
        (import "vm_hooks" "return_data_size" (func $size (result i32)))
        (import "vm_hooks" "read_args" (func $args (param i32)))
        (memory (export "memory") 1)
        (func (export "user_entrypoint") (param i32) (result i32)
          (call $args (i32.const 0)) ${CALL.repeat(8)} (i32.ne (call $size) (i32.const 6553600))))`),
    )
    outputOf(world.run(A, B, { gas: 30_000_000n }))
  })
})

test('both engines charge the same', () => {
  const gas = engines.map((engine) => {
    const world = worldOf(engine)
    world.place(
      B,
      nesting('(table 4100 funcref) (global (mut i64) (i64.const 5)) (func $f) (elem (i32.const 0) func $f)'),
    )
    return [0, 1, 7, 40].map((depth) => world.run(B, Uint8Array.of(depth)).gasUsed)
  })
  expect(gas[0]).toEqual(gas[1])
})
