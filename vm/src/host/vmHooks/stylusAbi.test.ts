/** Whole frames on the reference engine: how they end, what they give, and what they cost. */
import { describe, expect, it } from 'vitest'
import { watToWasm as assemble } from '../../../testing/wat.ts'
import type { EngineName } from '../../engine/engine.ts'
import { ValidationError } from '../../validationError.ts'
import { AbiError } from '../abi.ts'
import { compileContract } from '../compileContract.ts'
import { FakeEnvironment } from '../testing/fakeEnvironment.ts'
import { hookPrices, readInk } from './prices.ts'

const watToWasm = (text: string): Uint8Array => assemble(text, { names: true })

const contract = (body: string, { memory = '1', imports = '' } = {}): Uint8Array =>
  watToWasm(`(module
    (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
    (import "vm_hooks" "exit_early" (func $exit_early (param i32)))
    ${imports}
    (memory (export "memory") ${memory})
    (data (i32.const 0) "output")
    (func $main (export "user_entrypoint") (param $length i32) (result i32) ${body}))`)

const run = (module: Uint8Array, gas = 1_000_000n, environment = new FakeEnvironment()) => {
  const { program, abi } = compileContract(module, { schedule: 'touchstone/1' })
  return abi.execute(program, environment, gas, 'stylus')
}

/** Wholly by schedule `stylus`, on an engine. */
const runStylus = (module: Uint8Array, gas: bigint, engine: EngineName, environment = new FakeEnvironment()) => {
  const { program, abi, schedule } = compileContract(module, { engine, schedule: 'stylus' })
  return abi.execute(program, environment, gas, schedule)
}

const prices = hookPrices('stylus')
const WRITE = '(call $write_result (i32.const 0) (i32.const 6))'
const OUTPUT = new TextEncoder().encode('output')

describe('a frame', () => {
  it('succeeds with status 0 and reverts with any other', () => {
    expect(run(contract(`${WRITE} (i32.const 0)`))).toMatchObject({ kind: 'success', output: OUTPUT })
    expect(run(contract(`${WRITE} (i32.const 1)`))).toMatchObject({ kind: 'revert', output: OUTPUT })
    expect(run(contract(`${WRITE} (i32.const -1)`))).toMatchObject({ kind: 'revert', output: OUTPUT })
    expect(run(contract('(i32.const 0)'))).toMatchObject({ kind: 'success', output: new Uint8Array(0) })
  })
  it('ends early with the status it names', () => {
    expect(run(contract(`${WRITE} (call $exit_early (i32.const 0)) unreachable`))).toMatchObject({
      kind: 'success',
      output: OUTPUT,
    })
    expect(run(contract('(call $exit_early (i32.const 2)) unreachable')).kind).toBe('revert')
  })
  it('that traps fails without output, and says where', () => {
    const outcome = run(contract(`${WRITE} unreachable`))
    expect(outcome).toMatchObject({ kind: 'failure', trap: { code: 'unreachable' } })
    expect(outcome.kind === 'failure' && outcome.trap.message).toContain('function 2 "main"')
  })
  it('gets the length of its calldata', () => {
    const environment = new FakeEnvironment({ input: new Uint8Array(77) })
    expect(run(contract('(i32.ne (local.get $length) (i32.const 77))'), 1_000_000n, environment).kind).toBe('success')
  })
  it('gives back whole gas, rounded against the contract', () => {
    const outcome = run(contract(`${WRITE} (i32.const 0)`))
    if (outcome.kind !== 'success') throw new Error('failed')
    const host = prices.base.write_result + 2n * readInk(prices, 6)
    const used = 1_000_000n - outcome.gasLeft
    // The host function, two constants, the call and the last constant, in whole gas rounded up.
    expect(used).toBeGreaterThan(host / 10_000n)
    expect(used).toBeLessThan(host / 10_000n + 20n)
    const exact = run(contract(`${WRITE} (i32.const 0)`), used)
    expect(exact).toMatchObject({ kind: 'success', gasLeft: 0n })
    expect(run(contract(`${WRITE} (i32.const 0)`), used - 1n)).toMatchObject({
      kind: 'failure',
      trap: { code: 'out-of-gas' },
    })
  })
  it('keeps gas beyond what an instance can hold', () => {
    const outcome = run(contract('(i32.const 0)'), 10n ** 13n)
    expect(outcome.kind === 'success' && 10n ** 13n - outcome.gasLeft).toBeLessThan(20n)
  })
  it('pays for the pages it starts with, and gives them back', () => {
    const environment = new FakeEnvironment()
    const small = run(contract('(i32.const 0)'))
    const large = run(contract('(i32.const 0)', { memory: '12' }), 1_000_000n, environment)
    if (small.kind !== 'success' || large.kind !== 'success') throw new Error('failed')
    // The peak of 12 pages is 5, of 1 page 1.
    expect(small.gasLeft - large.gasLeft).toBe(10_004n)
    expect(environment.pages).toEqual({ open: 0, ever: 12, held: 0 })
    const poor = run(contract('(i32.const 0)', { memory: '12' }), 9_999n, environment)
    expect(poor).toMatchObject({ kind: 'failure', trap: { code: 'out-of-gas' } })
    expect(environment.pages.open).toBe(0)
  })
  it('whose data does not fit fails before it starts', () => {
    const module = contract('(i32.const 0)', { memory: '0' })
    expect(run(module)).toMatchObject({ kind: 'failure', trap: { code: 'out-of-bounds-memory' } })
  })
  it('that a host function refuses names the reason', () => {
    const imports = '(import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))'
    const outcome = run(contract('(call $log (i32.const 0) (i32.const 0) (i32.const 9)) (i32.const 0)', { imports }))
    expect(outcome).toMatchObject({ kind: 'failure', trap: { code: 'host' } })
    expect(outcome.kind === 'failure' && outcome.trap.message).toMatch(/9 topics, at most 4/)
  })
  it('grows no memory beyond 256 pages', () => {
    const body = '(i32.ne (memory.grow (i32.const 256)) (i32.const -1))'
    expect(run(contract(body)).kind).toBe('success')
    expect(run(contract('(i32.ne (memory.grow (i32.const 255)) (i32.const 1))'), 10_000_000n).kind).toBe('success')
  })
  it.each(['reference', 'compiled'] as const)('pays for growth as nitro does in schedule stylus: %s', (engine) => {
    const imports = '(import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))'
    const used = (body: string, gas = 100_000_000n): bigint | string => {
      const environment = new FakeEnvironment()
      const outcome = runStylus(contract(`${body} (i32.const 0)`, { imports }), gas, engine, environment)
      expect(environment.pages.open).toBe(0)
      return outcome.kind === 'success'
        ? gas - outcome.gasLeft
        : outcome.kind === 'failure'
          ? outcome.trap.code
          : 'revert'
    }
    const grow = (pages: number): string => `(drop (memory.grow (i32.const ${pages})))`
    // The instructions of each come to less than two gas. One page is there before, and two are free.
    expect([used(grow(0)), used(grow(1)), used(grow(2))]).toEqual([2n, 1n, 1_001n])
    expect(used(grow(127))).toBe(126_000n + 31_873_998n + 1n)
    // In two steps the same, and the instructions twice.
    expect(used(`${grow(60)} ${grow(67)}`)).toBe(126_000n + 31_873_998n + 2n)
    // Paid before it fails, and by hand.
    expect(used(grow(128))).toBe('out-of-gas')
    expect(used('(call $pay (i32.const 127))')).toBe(126_000n + 31_873_998n + 1n)
    expect(used(grow(127), 31_999_000n)).toBe('out-of-gas')
  })
  it('takes at least what the EVM asks for memory of the size of its output in schedule stylus', () => {
    const writes = (bytes: number, status: number): Uint8Array =>
      contract(`(call $write_result (i32.const 0) (i32.const ${bytes})) (i32.const ${status})`, { memory: '16 16' })
    const least = 3n * 32_768n + 32_768n ** 2n / 512n
    const all = 3_000_000n
    for (const status of [0, 1]) {
      const outcome = runStylus(writes(1_048_576, status), all, 'reference')
      expect(outcome.kind !== 'failure' && all - outcome.gasLeft).toBe(least)
    }
    expect(runStylus(writes(1_048_576, 0), least - 1n, 'reference')).toMatchObject({
      kind: 'failure',
      trap: { code: 'out-of-gas', message: expect.stringMatching(/1048576 bytes of output cost at least 2195456 gas/) },
    })
    const small = runStylus(writes(32, 0), all, 'reference')
    expect(small.kind !== 'failure' && all - small.gasLeft).toBeGreaterThan(14_000n)
  })
  it('prints through console and passes debug by', () => {
    const imports = `(import "console" "log_txt" (func $txt (param i32 i32)))
      (import "console" "tee_i64" (func $tee (param i64) (result i64)))
      (import "console" "log_i32" (func $i32 (param i32)))
      (import "debug" "null_host" (func $null))`
    const environment = new FakeEnvironment()
    const body = `(call $txt (i32.const 0) (i32.const 6)) (call $i32 (i32.const -5)) (call $null)
      (i64.ne (call $tee (i64.const 7)) (i64.const 7))`
    expect(run(contract(body, { imports }), 1_000_000n, environment).kind).toBe('success')
    expect(environment.printed).toEqual(['output', '-5', '7'])
  })
})

describe('compileContract', () => {
  const errorOf = (module: Uint8Array): unknown => {
    try {
      compileContract(module)
    } catch (error) {
      return error
    }
    return null
  }
  it('refuses floats by the policy of the ABI, those of console too', () => {
    const float = contract('(i32.trunc_f32_s (f32.const 1))')
    expect(errorOf(float)).toBeInstanceOf(ValidationError)
    const console = contract('(i32.const 0)', { imports: '(import "console" "log_f32" (func (param f32)))' })
    expect(errorOf(console)).toBeInstanceOf(ValidationError)
  })
  it('names the system of a foreign module, floats or not', () => {
    const near = watToWasm(`(module (import "env" "read_register" (func (param i64 i64)))
      (func (export "get") (drop (f64.const 1))))`)
    expect(errorOf(near)).toMatchObject({ code: 'foreign-abi', message: expect.stringContaining('NEAR') })
  })
  it('prefers what breaks the rules of the VM when the ABI is unknown', () => {
    expect(errorOf(watToWasm('(module (func (export "f") (result f32) (f32.const 1)))'))).toBeInstanceOf(
      ValidationError,
    )
    expect(errorOf(watToWasm('(module (func (export "f")))'))).toBeInstanceOf(AbiError)
  })
  it('asks in schedule stylus for the import that growth is charged by', () => {
    const refusal = (memory: string, schedule: string): unknown => {
      try {
        compileContract(contract('(i32.const 0)', { memory }), { schedule })
      } catch (error) {
        return error
      }
      return null
    }
    expect(refusal('1', 'stylus')).toMatchObject({
      code: 'missing-import',
      message: expect.stringMatching(/memory can grow.*"pay_for_memory_grow".*import it and call it once with 0/),
    })
    expect([refusal('1 1', 'stylus'), refusal('1', 'touchstone/1')]).toEqual([null, null])
  })
  it('checks the ABI', () => {
    expect(errorOf(contract('(i32.const 0)', { memory: '1 1' }))).toBeNull()
    expect(errorOf(watToWasm('(module (import "vm_hooks" "read_args" (func (param i32))))'))).toMatchObject({
      code: 'missing-export',
    })
  })
})
