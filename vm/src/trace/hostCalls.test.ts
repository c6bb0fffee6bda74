/**
 * Traces of host calls: what nitro's tracer says of each function, of every function there is, with nothing changed by
 * listening.
 */
import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { compileContract } from '../host/compileContract.ts'
import { FakeEnvironment } from '../host/testing/fakeEnvironment.ts'
import { hookModules, hookNames } from '../host/vmHooks/hooks.ts'
import { HOST_CALL_SHAPES } from './hostCallShapes.ts'
import { type HostCall, listenToHostCalls } from './hostCalls.ts'

const GAS = 1_000_000n

function heard(text: string, input = new Uint8Array([7, 8, 9])) {
  const calls: (Omit<HostCall, 'args' | 'outs'> & { args: string; outs: string })[] = []
  const frames: (readonly [string, number | null, bigint])[] = []
  const contract = compileContract(watToWasm(text), { engine: 'reference' })
  const run = (executed: typeof contract) => {
    const environment = new FakeEnvironment({ input })
    return executed.abi.execute(executed.program, environment, GAS, executed.schedule)
  }
  const plain = run(contract)
  const listened = listenToHostCalls(contract, {
    enter: (length, ink) => void frames.push(['enter', length, ink]),
    call: (call) => void calls.push({ ...call, args: hex(call.args), outs: hex(call.outs) }),
    leave: (status, ink) => void frames.push(['leave', status, ink]),
  })
  expect(run(listened)).toEqual(plain)
  return { calls, frames, plain }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const module = (imports: string, body: string, data = '') => `(module ${imports} (memory (export "memory") 1 1)
  ${data} (func (export "user_entrypoint") (param i32) (result i32) ${body}))`

describe('host calls', () => {
  it('have a shape each, but for those of the debug module, which nitro does not tell either', () => {
    const told = hookModules.filter((name) => name !== 'debug')
    expect(told.flatMap(hookNames).filter((name) => HOST_CALL_SHAPES[name] === undefined)).toEqual([])
  })

  it('are told with what they were given before they wrote over it', () => {
    const { calls, frames } = heard(
      module(
        `(import "vm_hooks" "math_add_mod" (func $add (param i32 i32 i32)))
         (import "vm_hooks" "read_args" (func $args (param i32)))
         (import "vm_hooks" "write_result" (func $result (param i32 i32)))`,
        '(call $args (i32.const 300)) (call $add (i32.const 0) (i32.const 32) (i32.const 64)) (call $result (i32.const 28) (i32.const 4)) (i32.const 0)',
        '(data (i32.const 31) "\\05") (data (i32.const 63) "\\06") (data (i32.const 95) "\\08")',
      ),
    )
    const word = (value: number) => value.toString(16).padStart(64, '0')
    expect(calls.map(({ name, args, outs }) => [name, args, outs])).toEqual([
      ['read_args', '', '070809'],
      ['math_add_mod', word(5) + word(6) + word(8), word(3)],
      ['write_result', '00000003', ''],
    ])
    for (const { startInk, endInk } of calls) expect(endInk).toBeLessThan(startInk)
    expect(frames.map(([what, value]) => [what, value])).toEqual([
      ['enter', 3],
      ['leave', 0],
    ])
    expect(calls[0]!.startInk).toBeLessThanOrEqual(frames[0]![2])
  })

  it('are told when they end the frame, and not when they refuse', () => {
    const early = heard(
      module('(import "vm_hooks" "exit_early" (func $exit (param i32)))', '(call $exit (i32.const 1)) (i32.const 0)'),
    )
    expect(early.calls.map(({ name, args }) => [name, args])).toEqual([['exit_early', '00000001']])
    expect(early.frames.at(-1)![1]).toBe(1)
    const outside = heard(
      module(
        '(import "vm_hooks" "msg_sender" (func $sender (param i32)))',
        '(call $sender (i32.const 65530)) (i32.const 0)',
      ),
    )
    expect(outside.calls).toEqual([])
    expect([outside.plain.kind, outside.frames.at(-1)![1]]).toEqual(['failure', null])
  })
})
