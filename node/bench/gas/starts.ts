/**
 * The time before the first instruction of a contract runs: unpacking, validating and compiling code that is in no
 * cache, by the byte; then an instance for each frame, by what the module declares.
 */

import { watToWasm } from '@touchstone/vm/testing/wat'
import type { EngineName } from '../../src/execution/executionConfig.ts'
import { createProgramCache } from '../../src/execution/programCache.ts'
import { packCode } from '../../testing/modules.ts'
import { hookText } from './hookCases.ts'
import { hexText } from './hooks.ts'
import type { Row } from './row.ts'
import { addressOf, type World } from './world.ts'

export interface StartOptions {
  readonly engine: EngineName
  readonly rounds: number
  readonly wanted: (name: string) => boolean
}

const ENTRY = '(func (export "user_entrypoint") (param i32) (result i32) (i32.const 0))'
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const times = (count: number, text: (i: number) => string): string => range(count).map(text).join('\n')

/** A function such as compilers make: memory, arithmetic, branches, a loop. */
const usual = (i: number, seed: number): string => `(func $f${i} (param i32 i32) (result i32) (local i32 i64)
  (local.set 2 (i32.and (i32.add (local.get 0) (i32.const ${seed + i})) (i32.const 0xfff8)))
  (if (i32.lt_u (local.get 1) (i32.const ${i % 50}))
    (then (local.set 3 (i64.add (i64.load offset=8 (local.get 2)) (i64.const ${i * 977})))
      (i64.store (local.get 2) (i64.mul (local.get 3) (i64.const 31))))
    (else (i32.store offset=${i % 100} (local.get 2) (i32.xor (local.get 0) (local.get 1)))))
  (block $out (loop $next (br_if $out (i32.ge_u (local.get 1) (i32.const ${i % 9})))
    (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br $next)))
  (i32.rotl (local.get 0) (local.get 2)))`

/** All functions are called once, so that the host compiles each. */
const calling = (count: number): string =>
  `(func (export "user_entrypoint") (param i32) (result i32) ${times(count, (i) => `(drop (call $f${i} (i32.const 0) (i32.const 9)))`)} (i32.const 0))`

interface ModuleCase {
  readonly name: string
  readonly text: (seed: number) => string
  readonly packed?: boolean
}

const module = (fields: string, pages = 2): string => `(module (memory (export "memory") ${pages}) ${fields})`

export const moduleCases: readonly ModuleCase[] = [
  { name: 'the least module', text: (seed) => module(`${ENTRY} (global i32 (i32.const ${seed}))`) },
  { name: 'usual functions, 5 KB', text: (seed) => module(times(40, (i) => usual(i, seed)) + calling(40)) },
  { name: 'usual functions, 50 KB', text: (seed) => module(times(400, (i) => usual(i, seed)) + calling(400)) },
  {
    name: 'usual functions, 50 KB, packed',
    text: (seed) => module(times(400, (i) => usual(i, seed)) + calling(400)),
    packed: true,
  },
  {
    name: 'the least functions, 5 000',
    text: (seed) =>
      module(
        `${times(5_000, (i) => `(func $f${i} (param i32 i32) (result i32) (i32.const ${(seed + i) % 60}))`)} ${calling(5_000)}`,
      ),
  },
  {
    name: 'one function, constants',
    text: (seed) =>
      module(`${ENTRY} ${times(8, () => `(func ${times(10_000, (i) => `(drop (i32.const ${(i + seed) % 60}))`)})`)}`),
  },
  {
    name: 'branches to one label',
    text: (seed) =>
      module(
        `${times(8, (j) => `(func $f${j} (param i32 i32) (result i32) (block ${times(4_000, (i) => `(br_if 0 (local.get ${(seed + i) % 2}))`)}) (i32.const 0))`)} ${calling(8)}`,
      ),
  },
  {
    name: 'loops',
    text: (seed) =>
      module(
        `${times(20, (j) => `(func $f${j} (param i32 i32) (result i32) ${times(300, () => `(loop (br_if 0 (i32.eqz (local.get 1))))`)} (i32.const ${seed % 60}))`)} ${calling(20)}`,
      ),
  },
  {
    name: 'br_table of 4 000 targets',
    text: (seed) =>
      module(
        `${times(10, (j) => `(func $f${j} (param i32 i32) (result i32) (block (br_table ${'0 '.repeat(4_000)} 0 (local.get 1))) (i32.const ${seed % 60}))`)} ${calling(10)}`,
      ),
  },
  {
    name: 'functions with 1 000 locals',
    text: (seed) =>
      module(
        `${times(400, (j) => `(func $f${j} (param i32 i32) (result i32) (local ${'i64 i32 '.repeat(500)}) (i32.const ${seed % 60}))`)} ${calling(400)}`,
      ),
  },
  {
    name: 'data segments, 120 KB',
    text: (seed) =>
      module(`${ENTRY} ${times(100, (i) => `(data (i32.const ${i * 1_200}) "${'x'.repeat(1_200)}${seed}")`)}`),
  },
  {
    name: 'zeros, 1 MB, packed',
    text: (seed) =>
      module(`${ENTRY} ${times(100, (i) => `(data (i32.const ${i * 1_000}) "${'\\00'.repeat(10_000)}${seed}")`)}`, 20),
    packed: true,
  },
  {
    name: 'equal functions, 700 KB, packed',
    text: (seed) => module(times(5_000, (i) => usual(i % 2, seed).replace(`$f${i % 2}`, `$f${i}`)) + calling(60)),
    packed: true,
  },
]

/** Each round has modules that no cache has seen, called from outside, less the call of an account without code. */
export function loadRows(
  world: World,
  { engine, rounds, wanted }: StartOptions,
): (Row & { readonly moduleBytes: number })[] {
  let next = 0x200_0000
  const prepared = moduleCases
    .filter(({ name }) => wanted(name))
    .map((test) => ({ test, best: Number.POSITIVE_INFINITY, gas: 0, moduleBytes: 0 }))
  for (let round = 0; round < rounds; round++) {
    for (const item of prepared) {
      const state = world.open()
      const bytes = watToWasm(item.test.text(round))
      const contract = addressOf(next++)
      state.setNonce(contract, 1n)
      state.setCode(contract, item.test.packed === true || bytes.length > 120_000 ? packCode(bytes) : bytes)
      state.endTransaction()
      world.config = { ...world.config, programs: createProgramCache() }
      const nothing = world.run(state, addressOf(next++), new Uint8Array(0))
      const ran = world.run(state, contract, new Uint8Array(0))
      item.best = Math.min(item.best, ran.nanoseconds - nothing.nanoseconds)
      item.gas = Number(ran.gasUsed - nothing.gasUsed)
      item.moduleBytes = bytes.length
    }
  }
  return prepared.map(({ test, best, gas, moduleBytes }) => ({
    group: 'load',
    name: `first call, ${test.name}`,
    engine,
    gas,
    nanoseconds: best,
    ownNanoseconds: null,
    moduleBytes,
  }))
}

interface FrameCase {
  readonly name: string
  readonly text: string
}

export const frameCases: readonly FrameCase[] = [
  { name: '1 page', text: module(ENTRY, 1) },
  {
    name: '2 pages, used',
    text: module(
      `(func (export "user_entrypoint") (param i32) (result i32) (memory.fill (i32.const 0) (i32.const 7) (i32.const 9)) (i32.const 0))`,
      2,
    ),
  },
  { name: '16 pages', text: module(ENTRY, 16) },
  { name: '32 pages', text: module(ENTRY, 32) },
  { name: '100 pages', text: module(ENTRY, 100) },
  {
    name: 'a function that changes a table',
    text: module(`(table 1 1 funcref) (func (table.set (i32.const 0) (ref.null func))) ${ENTRY}`, 1),
  },
  {
    name: 'that, and 16 tables of 10 000',
    text: module(
      `${times(16, () => '(table 10000 10000 funcref)')} (func (table.set 0 (i32.const 0) (ref.null func))) ${ENTRY}`,
      1,
    ),
  },
  {
    name: 'a table of 10 000 functions',
    text: module(
      `(table 10000 10000 funcref) (func $g (table.set 0 (i32.const 0) (ref.null func))) (elem (i32.const 0) func ${'$g '.repeat(9_000)}) ${ENTRY}`,
      1,
    ),
  },
  {
    name: '1 000 exports',
    text: module(
      `(table 1 1 funcref) (func (table.set (i32.const 0) (ref.null func))) ${times(990, (i) => `(func (export "e${i}"))`)} ${ENTRY}`,
      1,
    ),
  },
  {
    name: '1 000 globals',
    text: module(
      `(table 1 1 funcref) (func (table.set (i32.const 0) (ref.null func))) ${times(1_000, (i) => `(global (mut i64) (i64.const ${i}))`)} ${ENTRY}`,
      1,
    ),
  },
  {
    name: '900 imports',
    text: `(module ${times(900, (i) => `(import "vm_hooks" "msg_sender" (func $i${i} (param i32)))`)} (memory (export "memory") 1) ${ENTRY})`,
  },
  {
    name: '100 KB of data',
    text: module(
      `(table 1 1 funcref) (func (table.set (i32.const 0) (ref.null func))) (data (i32.const 0) "${'x'.repeat(100_000)}") ${ENTRY}`,
      2,
    ),
  },
]

const CALL =
  '(drop (call $static_call_contract (i32.const 160) (i32.const 0) (i32.const 0) (i64.const -1) (i32.const 300)))'

/** A contract that calls another again and again, and one that calls itself as deep as frames go. */
export function frameRows(world: World, { engine, rounds, wanted }: StartOptions): Row[] {
  const state = world.open()
  let next = 0x300_0000
  const place = (code: Uint8Array): Uint8Array => {
    const address = addressOf(next++)
    state.setNonce(address, 1n)
    state.setCode(address, code)
    state.endTransaction()
    return address
  }
  const callerOf = (callee: Uint8Array): Uint8Array =>
    place(
      watToWasm(
        hookText({ hooks: ['static_call_contract'], body: CALL }, `(data (i32.const 160) "${hexText(callee)}")`),
      ),
    )
  const cases = frameCases
    .filter(({ name }) => wanted(name))
    .map(({ name, text }) => ({ name: `a frame, ${name}`, caller: callerOf(place(watToWasm(text))) }))
  cases.push({ name: 'a call of nothing', caller: callerOf(addressOf(0xdead)) })
  const prepared = cases.map((item) => ({
    ...item,
    once: Number.POSITIVE_INFINITY,
    best: Number.POSITIVE_INFINITY,
    gas: 0,
  }))
  for (let round = 0; round < rounds + 1; round++) {
    for (const item of prepared) {
      const runs = [1, 13].map((turns) => {
        const data = new Uint8Array(4)
        new DataView(data.buffer).setUint32(0, turns, true)
        return world.run(state, item.caller, data)
      })
      if (round === 0) continue
      item.once = Math.min(item.once, runs[0]!.nanoseconds)
      item.best = Math.min(item.best, runs[1]!.nanoseconds)
      item.gas = Number(runs[1]!.gasUsed - runs[0]!.gasUsed) / 12
    }
  }
  return prepared.map(({ name, once, best, gas }) => ({
    group: 'start',
    name,
    engine,
    gas,
    nanoseconds: (best - once) / 12,
    ownNanoseconds: null,
  }))
}
