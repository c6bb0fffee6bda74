/**
 * A contract sees of others only the values that the rules give it: no words of a host (CosmWasm's CWA-2021-003: a
 * backtrace in the state), and bytes that stay as they were when they were handed over (go-ethereum's shallow copy of
 * return data, 2020).
 */

import { describe, expect, it } from 'vitest'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { bytesToBigint } from '../codec/bytes.ts'
import { callMessage } from './callMessage.ts'
import { createProgramCache } from './programCache.ts'
import { ALICE, address, command, newWorld, outputOf, word } from './testing/puppet.ts'

const A = address(0xaaaan)
const B = address(0xbbbbn)
const engines = ['reference', 'compiled'] as const

/** Ways for a callee to end that no contract words itself: module bodies of the entry point. */
const ends: Readonly<Record<string, string>> = {
  unreachable: 'unreachable',
  'division by zero': '(i32.div_u (i32.const 1) (i32.const 0))',
  'division overflow': '(i32.div_s (i32.const 0x80000000) (i32.const -1))',
  'a load out of bounds': '(i32.load (i32.const 0x7fffffff))',
  'a store out of bounds': '(i32.store (i32.const 0x7fffffff) (i32.const 0)) (i32.const 0)',
  'a copy out of bounds': '(memory.copy (i32.const 0) (i32.const 0x7ffffff0) (i32.const 64)) (i32.const 0)',
  'a call through an empty entry': '(call_indirect (type $i) (i32.const 0))',
  'a call through no entry': '(call_indirect (type $i) (i32.const 9))',
  'a call of another type': '(call_indirect (type $i) (i32.const 1))',
  'the stack rule': '(call $deep)',
  'no gas': '(loop $for (br $for)) (i32.const 0)',
  'a pointer that a host function refuses': '(call $read_args (i32.const 0x7fffffff)) (i32.const 0)',
}

const callee = (body: string): Uint8Array =>
  packCode(
    watToWasm(`(module
      (import "vm_hooks" "read_args" (func $read_args (param i32)))
      (type $i (func (result i32)))
      (memory (export "memory") 1)
      (table 2 funcref)
      (elem (i32.const 1) $other)
      (func $other)
      (func $deep (result i32) (i32.add (call $deep) (i32.const 1)))
      (func (export "user_entrypoint") (param i32) (result i32) ${body}))`),
  )

/** One call of A's puppet on one engine, and what it answered: status of the inner call, then all its return data. */
function seenByCaller(engine: (typeof engines)[number], code: Uint8Array, data: Uint8Array) {
  const { state, block, config, place } = newWorld()
  place(A)
  place(B, code)
  const own = { ...config, engine, programs: createProgramCache() }
  const outcome = callMessage(state, { from: ALICE, to: A, data, value: 0n, gas: 3_000_000n }, block, own, [])
  return { output: outputOf(outcome), gasUsed: outcome.gasUsed }
}

describe('a call that ends by', () => {
  it.each(Object.keys(ends))('%s gives its caller a status, no data, and the same gas on each engine', (end) => {
    const data = command.call('call', B, new Uint8Array(0), { gas: 500_000n })
    const [first, second] = engines.map((engine) => seenByCaller(engine, callee(ends[end]!), data))
    // 2 is what the ABI says of everything that is no revert; nothing else is in the answer.
    expect(first!.output).toEqual(Uint8Array.of(2))
    expect(second).toEqual(first)
  })

  it('an address that cannot hold code, or code that cannot be loaded, gives no data either', () => {
    for (const code of [Uint8Array.of(0xef, 0xf0, 0, 0, 1, 2, 3), packCode(Uint8Array.of(0, 0x61, 0x73, 0x6d))]) {
      const data = command.call('call', B, new Uint8Array(0), { gas: 500_000n })
      const [first, second] = engines.map((engine) => seenByCaller(engine, code, data))
      expect(first!.output).toEqual(Uint8Array.of(2))
      expect(second).toEqual(first)
    }
  })
})

/** Memory that is written again, and grown, after bytes of it were handed over, and bytes that came are overwritten. */
const rewriter = packCode(
  watToWasm(`(module
    (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
    (import "vm_hooks" "read_args" (func $read_args (param i32)))
    (import "vm_hooks" "read_return_data" (func $return_data (param i32 i32 i32) (result i32)))
    (import "vm_hooks" "return_data_size" (func $return_size (result i32)))
    (import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))
    (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
    (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
    (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
    (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
    (memory (export "memory") 1)
    (func (export "user_entrypoint") (param $n i32) (result i32)
      ;; arguments: an address, then what it is called with
      (call $read_args (i32.const 0))
      (drop (call $call (i32.const 0) (i32.const 20) (i32.sub (local.get $n) (i32.const 20)) (i32.const 0x800) (i64.const -1) (i32.const 0x900)))
      ;; a log, a slot and a result of the bytes 11..., each overwritten at once
      (memory.fill (i32.const 0x100) (i32.const 0x11) (i32.const 64))
      (call $log (i32.const 0x100) (i32.const 64) (i32.const 1))
      (memory.fill (i32.const 0x100) (i32.const 0x22) (i32.const 64))
      (memory.fill (i32.const 0x200) (i32.const 0x33) (i32.const 64))
      (call $cache (i32.const 0x200) (i32.const 0x220))
      (memory.fill (i32.const 0x200) (i32.const 0x44) (i32.const 64))
      (call $flush (i32.const 0))
      ;; the arguments are overwritten, memory moves to another place, the answer is read in two halves and overwritten
      (memory.fill (i32.const 0) (i32.const 0x55) (i32.const 0x100))
      (call $pay (i32.const 1))
      (drop (memory.grow (i32.const 1)))
      (drop (call $return_data (i32.const 0x1000) (i32.const 0) (call $return_size)))
      (memory.fill (i32.const 0x1000) (i32.const 0x66) (i32.const 0x1000))
      (drop (call $return_data (i32.const 0x1000) (i32.const 0) (call $return_size)))
      (call $write_result (i32.const 0x1000) (call $return_size))
      (memory.fill (i32.const 0x1000) (i32.const 0x77) (i32.const 0x1000))
      (i32.const 0)))`),
)

describe.each(engines)('bytes that were handed over, on the %s engine,', (engine) => {
  it('stay: calldata, return data, results, logs and slots are no views of a memory', () => {
    const { state, block, config, place } = newWorld()
    place(A, rewriter)
    place(B)
    const payload = Uint8Array.from({ length: 100 }, (_, at) => at + 1)
    // The puppet answers with the data it is to revert with; a memory of its own is cleaned and used again meanwhile.
    const own = { ...config, engine, programs: createProgramCache() }
    for (let round = 0; round < 3; round++) {
      const data = Uint8Array.of(...B, ...command.revert(payload))
      const outcome = callMessage(state, { from: ALICE, to: A, data, value: 0n, gas: 3_000_000n }, block, own, [])
      expect(outputOf(outcome)).toEqual(payload)
      if (outcome.kind !== 'success') throw new Error('unreachable')
      const [log] = outcome.logs
      expect(log!.topics).toEqual([new Uint8Array(32).fill(0x11)])
      expect(log!.data).toEqual(new Uint8Array(32).fill(0x11))
    }
  })

  it('stay over nested calls: each frame reads what was answered to it', () => {
    const { state, block, config, place } = newWorld()
    place(A)
    place(B)
    const own = { ...config, engine, programs: createProgramCache() }
    const inner = command.call('call', B, command.load(7n))
    const data = command.sequence(
      command.store(7n, 0x1234n),
      command.call('call', A, command.load(7n)),
      command.call('call', B, inner),
    )
    const outcome = callMessage(state, { from: ALICE, to: A, data, value: 0n, gas: 3_000_000n }, block, own, [])
    // B asked itself: nothing is stored there, and what A was answered before is not seen.
    expect(outputOf(outcome)).toEqual(Uint8Array.of(0, 0, ...word(0n)))
    expect(bytesToBigint(outputOf(outcome))).toBe(0n)
  })
})
