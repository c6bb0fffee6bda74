/**
 * Contracts that are listened to: what they do and cost is what it is without, and both engines are heard to do the same.
 */
import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { decode } from '../binary/decode.ts'
import { ENGINE_NAMES, type EngineName } from '../engine/engine.ts'
import { compileContract } from '../host/compileContract.ts'
import { FakeEnvironment } from '../host/testing/fakeEnvironment.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { instrument } from './instrument.ts'
import { type ExecutionObserver, observeContract } from './observe.ts'

/** A table, references, globals with functions, tail calls, several results, locals of both types, memory, host calls. */
const MODULE = watToWasm(`(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "evm_gas_left" (func $gas_left (result i64)))
  (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (memory (export "memory") 1)
  (type $binary (func (param i64 i64) (result i64)))
  (table 3 funcref)
  (elem (i32.const 0) $multiply $divide)
  (elem declare func $both)
  (global $seen (mut i64) (i64.const 3))
  (data (i32.const 64) "\\05\\00\\00\\00\\00\\00\\00\\00")
  (func $multiply (param i64 i64) (result i64) (i64.mul (local.get 0) (local.get 1)))
  (func $divide (param i64 i64) (result i64) (i64.div_u (local.get 0) (local.get 1)))
  (func $both (param i64) (result i64 i64) (local.get 0) (i64.add (local.get 0) (i64.const 1)))
  (func $tail (param i64 i64) (result i64) (return_call_indirect (type $binary) (local.get 0) (local.get 1) (i32.const 1)))
  (func (export "user_entrypoint") (param $n i32) (result i32)
    (local $i i32) (local $sum i64)
    (call $read_args (i32.const 128))
    (loop $next
      (local.set $sum (call_indirect (type $binary) (i64.load (i32.const 64)) (i64.extend_i32_u (local.get $i)) (i32.const 0)))
      (local.set $sum (i64.add (local.get $sum) (i64.add (call $both (local.get $sum)))))
      (global.set $seen (i64.xor (global.get $seen) (local.get $sum)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
    (i64.store (i32.const 256) (call $tail (global.get $seen) (i64.load8_u (i32.const 128))))
    (i64.store (i32.const 264) (call $gas_left))
    (i64.store (i32.const 272) (i64.extend_i32_s (select (i32.const 5) (memory.size) (ref.is_null (ref.func $both)))))
    (call $load (i32.const 256) (i32.const 288))
    (call $cache (i32.const 256) (i32.const 272))
    (call $flush (i32.const 0))
    (call $write_result (i32.const 256) (i32.const 64))
    (i32.eqz (i32.load8_u (i32.const 128)))))`)

const GAS = 200_000n

function heard(engine: EngineName, options: { steps: boolean; gas?: bigint; input?: Uint8Array }) {
  const lines: string[] = []
  const observer: ExecutionObserver = {
    enter: (_frame, line) => void lines.push(line),
    leave: (line) => void lines.push(line),
    note: (line) => void lines.push(line),
    step: options.steps
      ? (site, value, fuelLeft, placeOf) => {
          const { instruction, functionIndex, offset } = placeOf(site)
          lines.push(`${functionIndex}@${offset} ${instruction} = ${value}, ${fuelLeft}`)
        }
      : null,
  }
  const contract = observeContract(compileContract(MODULE, { engine, schedule: 'touchstone/1' }), MODULE, observer)
  return { lines, ...ran(contract, options) }
}

function ran(
  { program, abi, schedule }: ReturnType<typeof compileContract>,
  { gas = GAS, input = Uint8Array.of(7) }: { gas?: bigint; input?: Uint8Array },
) {
  const environment = new FakeEnvironment({ input })
  const outcome = abi.execute(program, environment, gas, schedule)
  const seen = outcome.kind === 'failure' ? { kind: outcome.kind, code: outcome.trap.code } : outcome
  return { outcome: seen, stores: environment.stores }
}

const plain = (engine: EngineName, options = {}) =>
  ran(compileContract(MODULE, { engine, schedule: 'touchstone/1' }), options)

describe.each(ENGINE_NAMES)('a contract on the %s engine', (engine) => {
  it('does and costs the same when it is heard, and when each of its instructions is', () => {
    const expected = plain(engine)
    expect(expected.outcome.kind).toBe('success')
    for (const steps of [false, true]) {
      const { outcome, stores } = heard(engine, { steps })
      expect({ outcome, stores }).toEqual(expected)
    }
  })

  it('fails alike: divided by zero, and out of gas wherever that is', () => {
    const zero = { input: Uint8Array.of(0) }
    expect(heard(engine, { steps: true, ...zero }).outcome).toEqual(plain(engine, zero).outcome)
    for (const gas of [1_000n, 2_000n, 2_500n, 3_000n, 4_321n]) {
      expect(heard(engine, { steps: true, gas }).outcome).toEqual(plain(engine, { gas }).outcome)
    }
  })
})

it.each([GAS, 1_000n, 2_500n, 3_000n, 4_321n])('both engines are heard to do the same with %s gas', (gas) => {
  for (const steps of [false, true]) {
    const compiled = heard('compiled', { steps, gas }).lines
    expect(compiled).toEqual(heard('reference', { steps, gas }).lines)
    expect(compiled.length).toBeGreaterThan(steps ? 50 : 1)
  }
})

it('places are those of the module as it was, with what each instruction gives', () => {
  const { lines } = heard('reference', { steps: true })
  const product = lines.findIndex((line) => line.includes('i64.mul'))
  const module = decode(MODULE, { floats: 'reject', limits: DEFAULT_LIMITS })
  const [index, offset] = /^(\d+)@(\d+) /.exec(lines[product]!)!.slice(1).map(Number)
  expect(index).toBe(module.importedFunctions)
  expect(MODULE[offset!]).toBe(0x7e)
  expect(lines.slice(product - 2, product + 1).map((line) => /@\d+ (.*),/.exec(line)![1])).toEqual([
    'local.get 0 = 5',
    'local.get 1 = 0',
    'i64.mul = 0',
  ])
})

it('shows what host functions read and write, and what they give', () => {
  const { lines } = heard('compiled', { steps: false })
  expect(lines[0]).toMatch(/^frame 0 of 0x(51){20} begins: 200000 gas, 5 wei, input 0x07$/)
  expect(lines).toContain('read_args writes 1 bytes at 128: 0x07')
  expect(lines.find((line) => line.startsWith('storage_cache_bytes32('))).toMatch(/\(256, 272\), fuel left \d+$/)
  expect(lines.find((line) => line.startsWith('storage_cache_bytes32 reads 32 bytes at 272'))).toBeDefined()
  expect(lines.at(-1)).toMatch(/^the frame ends: success, \d+ gas left, output 0x[0-9a-f]{128}$/)
})

it('an instrumented module is a valid one whose functions stand two further on', () => {
  const module = decode(MODULE, { floats: 'reject', limits: DEFAULT_LIMITS })
  const again = decode(instrument(module).bytes, {
    floats: 'reject',
    limits: { ...DEFAULT_LIMITS, bodyBytes: 1_000_000 },
  })
  expect(again.importedFunctions).toBe(module.importedFunctions + 2)
  expect(again.exports.map(({ index, kind }) => (kind === 'function' ? index - 2 : index))).toEqual(
    module.exports.map(({ index }) => index),
  )
})
