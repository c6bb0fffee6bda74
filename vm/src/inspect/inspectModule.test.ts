/** The inspection beside the decoder, validator and metering that the chain uses: they must say the same. */
import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { compile, decodeAndValidate } from '../compile.ts'
import { compileContract } from '../host/compileContract.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { entryCost, instructionCosts } from '../metering/charges.ts'
import { SCHEDULES } from '../metering/schedule.ts'
import { inspectModule } from './inspectModule.ts'
import { MAX_PROBLEMS, MAX_SECTIONS_SHOWN, type ModuleReport } from './report.ts'

const wasm = (text: string): Uint8Array => watToWasm(`(module ${text})`, { names: true })
const inspect = (text: string): ModuleReport => inspectModule(wasm(text))

const ENTRY = '(memory (export "memory") 2 9) (func $main (export "user_entrypoint") (param i32) (result i32)'

/** The chain's words; null when it takes the module. */
function chainRefusal(bytes: Uint8Array): string | null {
  try {
    compileContract(bytes, { schedule: 'touchstone/1' })
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** Unsigned LEB128 in exactly four bytes. */
function leb4(value: number): number[] {
  return [0, 7, 14, 21].map((shift) => ((value >> shift) & 0x7f) | (shift < 21 ? 0x80 : 0))
}

describe('inspectModule', () => {
  it('describes a contract the chain takes', () => {
    const report =
      inspect(`(import "vm_hooks" "read_args" (func $args (param i32))) (import "vm_hooks" "msg_value" (func (param i32)))
      ${ENTRY} (call $args (i32.extend8_s (local.get 0))) (memory.fill (i32.const 0) (i32.const 1) (i32.const 2)) (i32.const 0))`)
    expect(report).toMatchObject({ accepted: true, refusal: null, problems: [], problemsLeftOut: 0, start: null })
    expect(report.abi).toMatchObject({ id: 'stylus', hint: null })
    expect(report.imports.map(({ module, name }) => `${module}.${name}`)).toEqual([
      'vm_hooks.read_args',
      'vm_hooks.msg_value',
    ])
    expect(report.imports[0]!.external).toEqual({ kind: 'function', type: { params: ['i32'], results: [] } })
    expect(report.exports.map(({ name, kind, index }) => [name, kind, index])).toEqual([
      ['memory', 'memory', 0],
      ['user_entrypoint', 'function', 2],
    ])
    expect(report.memory).toEqual({ min: 2, max: 9, imported: false })
    expect(report.features).toEqual([
      { name: 'sign-extension', uses: 1, allowed: true, instructions: [expect.stringMatching(/extend/)] },
      { name: 'bulk-memory', uses: 1, allowed: true, instructions: [expect.stringMatching(/^memory/)] },
    ])
    expect(report.functions).toHaveLength(1)
    expect(report.functions[0]).toMatchObject({ index: 2, name: 'main', exported: true, instructions: 9, calls: 1 })
    const bytes = 8 + report.sections.reduce((sum, { byteLength }) => sum + byteLength, 0)
    expect(bytes).toBe(report.byteLength)
  })

  it('lists every refused instruction with its place, and agrees with the chain on the first', () => {
    const bytes = wasm(`(func $pay (param i32) (result i32) (local f64)
        (i32.trunc_f64_s (f64.mul (f64.convert_i32_s (local.get 0)) (f64.const 1.5))))
      (func $fine) (func $vector (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.const i32x4 1 2 3 4)
        (v128.load8_lane 3 (i32.const 0) (v128.const i32x4 1 2 3 4)))) (drop (f32.const 1)))
      ${ENTRY} (i32.const 0))`)
    const report = inspectModule(bytes)
    expect(report.accepted).toBe(false)
    expect(report.refusal).toBe(chainRefusal(bytes))
    expect(report.problems.map(({ code, functionName, instruction }) => [code, functionName, instruction])).toEqual([
      ['refused:float', 'pay', null],
      ['refused:float', 'pay', 'f64.convert_i32_s'],
      ['refused:float', 'pay', 'f64.const'],
      ['refused:float', 'pay', 'f64.mul'],
      ['refused:float', 'pay', 'i32.trunc_f64_s'],
      ['refused:simd', 'vector', '0xfd 12 (simd)'],
      ['refused:simd', 'vector', '0xfd 12 (simd)'],
      ['refused:simd', 'vector', '0xfd 84 (simd)'],
      ['refused:simd', 'vector', '0xfd 13 (simd)'],
      ['refused:float', 'vector', 'f32.const'],
    ])
    for (const { offset, instruction } of report.problems) {
      if (instruction === 'f64.mul') expect(bytes[offset!]).toBe(0xa2)
      if (instruction === '0xfd 13 (simd)') expect([...bytes.subarray(offset!, offset! + 2)]).toEqual([0xfd, 13])
    }
    const refused = Object.fromEntries(report.functions.map(({ name, refused }) => [name, refused]))
    expect(refused).toEqual({ pay: 5, fine: 0, vector: 5, main: 0 })
    expect(report.features.filter(({ allowed }) => !allowed).map(({ name, uses }) => [name, uses])).toEqual([
      ['float', 6],
      ['simd', 4],
    ])
  })

  it('steps over threads, exceptions and typed references', () => {
    const report = inspect(`(tag $t) (type $f (func)) (memory 1 1 shared)
      (func $a (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))) (atomic.fence) (drop (f32.const 1)))
      (func $b (try (do (throw $t)) (catch $t (nop)) (catch_all (nop))) (drop (f32.const 1)))`)
    const codes = (name: string): string[] =>
      report.problems.filter(({ functionName }) => functionName === name).map(({ code }) => code)
    expect(codes('a')).toEqual(['refused:threads', 'refused:threads', 'refused:float'])
    expect(codes('b')).toEqual([
      'refused:exceptions',
      'refused:exceptions',
      'refused:exceptions',
      'refused:exceptions',
      'refused:float',
    ])
    expect(report.functions.every(({ complete, fuel }) => complete && fuel === null)).toBe(true)
  })

  it('counts functions rightly behind an import that cannot be decoded', () => {
    const report = inspect(`(import "env" "memory" (memory 1 1 shared)) (import "env" "host" (func $host))
      (func $first (drop (f32.const 1)))`)
    expect(report.imports.map(({ name, kind, external }) => [name, kind, external])).toEqual([
      ['memory', 'memory', null],
      ['host', 'function', null],
    ])
    expect(report.functions[0]).toMatchObject({ index: 1, name: 'first', type: { params: [], results: [] } })
    expect(report.problems.map(({ code }) => code)).toContain('refused:threads')
  })

  it('finds floats in types and globals, at the byte', () => {
    const bytes = wasm('(import "e" "g" (global f32)) (type (func (param i32 f64))) (global f64 (f64.const 1))')
    const report = inspectModule(bytes)
    const places = report.problems.filter(({ code }) => code === 'refused:float').map(({ offset }) => offset!)
    expect(places).toHaveLength(3)
    expect(bytes[places[0]!]).toBe(0x7c)
    expect(report.problems.some(({ offset }) => report.refusal!.includes(`0x${offset?.toString(16)}`))).toBe(true)
  })

  it('bounds the list of problems', () => {
    const floats = '(drop (f32.const 1))'.repeat(MAX_PROBLEMS)
    const report = inspect(`(func ${floats} (drop (f32.const 1)) (drop (f32.const 1)))`)
    expect(report.problems.filter(({ code }) => code.startsWith('refused'))).toHaveLength(MAX_PROBLEMS)
    expect(report.problemsLeftOut).toBe(2)
    expect(report.functions[0]!.refused).toBe(MAX_PROBLEMS + 2)
  })
})

describe('the ABI', () => {
  it('is named, and says of every import what is wrong with it', () => {
    const report = inspect(`(import "vm_hooks" "no_such_hook" (func)) (import "vm_hooks" "read_args" (func (param i64)))
      (import "wasi_snapshot_preview1" "fd_write" (func)) (func (export "user_entrypoint"))`)
    expect(report.abi.id).toBe('stylus')
    expect(report.problems.map(({ code }) => code)).toEqual([
      'abi:wrong-export',
      'abi:memory',
      'abi:unknown-import',
      'abi:wrong-import-type',
      'abi:unknown-import',
    ])
    expect(report.accepted).toBe(false)
  })

  it('of another system is told by name', () => {
    const report = inspect('(import "seal0" "seal_return" (func))')
    expect(report.abi).toMatchObject({ id: null, reason: expect.stringContaining('ink!') })
    expect(report.problems.map(({ code }) => code)).toEqual(['abi:foreign-abi'])
  })

  it('is told from names also when the module does not decode', () => {
    const report = inspect(`(import "vm_hooks" "read_args" (func (param v128))) ${ENTRY} (i32.const 0))`)
    expect(report.abi.id).toBe('stylus')
    expect(report.problems.map(({ code }) => code)).toContain('refused:simd')
  })
})

describe('limits', () => {
  const row = (report: ModuleReport, limit: string) => report.limits.find((entry) => entry.limit === limit)!

  it('are measured, the fullest first', () => {
    const report = inspect(`(table 50 funcref) (func $deep (param i32) (local i64 i64 i64)
      (block (block (br_table 0 1 0 (local.get 0)))) (block (br_if 0 (i32.const 1)) (br_if 0 (i32.const 1)) (br 0)))`)
    expect(row(report, 'nesting')).toMatchObject({
      used: 2,
      allowed: DEFAULT_LIMITS.nesting,
      where: 'function 0 "deep"',
    })
    expect(row(report, 'branchTableTargets').used).toBe(2)
    expect(row(report, 'branchesToLabel').used).toBe(3)
    expect(row(report, 'locals').used).toBe(3)
    expect(row(report, 'tableElements').used).toBe(50)
    expect(row(report, 'stackBytes').used).toBe(192 + 8 * (4 + 3 + 1) + 4 * (2 + 1 + 1 + 1))
    expect(report.limits).toHaveLength(Object.keys(DEFAULT_LIMITS).length)
    const fullness = report.limits.map(({ used, allowed }) => used! / allowed)
    expect(fullness).toEqual([...fullness].sort((a, b) => b - a))
  })

  it('above which a module is are all told, with what is used', () => {
    const locals = `(func $wide (local ${'i32 '.repeat(1_500)}))`
    const bytes = wasm(`(memory 300) (table 20000 funcref) ${locals}`)
    const report = inspectModule(bytes)
    expect(row(report, 'locals')).toMatchObject({ used: 1_500, allowed: 1_000, where: 'function 0 "wide"' })
    expect(row(report, 'stackBytes').used).toBeNull()
    const codes = report.problems.map(({ code }) => code).filter((code) => code.startsWith('limit:'))
    expect(codes.sort()).toEqual(['limit:locals', 'limit:memoryPages', 'limit:tableElements'])
  })
})

describe('static gas', () => {
  it('is the sum of what the engines charge for each instruction', () => {
    const bytes = wasm(`(type $t (func (param i32 i32))) (table 1 funcref) (memory 1)
      (func $a (param i32) (local i64 i64) (block (block (br_table 0 1 1 0 (local.get 0)))) (call_indirect (type $t) (i32.const 1) (i32.const 2) (i32.const 0)))
      (func $b (result i64) (loop (br_if 0 (i64.eqz (i64.load (i32.const 8))))) (i64.div_u (i64.const 5) (i64.const 2))) (func $c)`)
    for (const schedule of Object.values(SCHEDULES)) {
      const { module } = decodeAndValidate(bytes, 'reject', DEFAULT_LIMITS)
      const report = inspectModule(bytes, { schedule: schedule.name })
      for (const { index, fuel, instructions } of report.functions) {
        const body = module.bodies[index]!
        const costs = instructionCosts(module, schedule, body)
        expect(fuel).toBe(costs.reduce((sum, cost) => sum + cost, entryCost(schedule, body)))
        expect(instructions).toBe(body.code.count)
      }
      expect(report.functions.map(({ fuel }) => fuel)).toEqual(
        report.functions.map(({ fuel }) => fuel).sort((a, b) => b! - a!),
      )
    }
  })

  it('finds the cheapest way: what an execution of that way uses', () => {
    const text = `(func $f (export "f") (param i32) (result i32) (local i32)
      (block $out
        (br_if $out (i32.eqz (local.get 0)))
        (loop $again
          (local.set 1 (i32.div_u (i32.const 100) (local.get 0)))
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
      (if (result i32) (local.get 0) (then (i32.mul (local.get 1) (i32.const 3))) (else (i32.const 7))))`
    const [found] = inspect(text).functions
    const invoke = (argument: number): bigint =>
      compile(wasm(text))
        .instantiate({ imports: {}, fuel: 10n ** 9n })
        .invoke('f', [argument]).fuelUsed
    expect(BigInt(found!.leastFuel!)).toBe(invoke(0))
    expect(found!.leastFuel!).toBeLessThan(Number(invoke(1)))
  })

  it('has no cheapest way where nothing returns, and skips dead code', () => {
    const { functions } = inspect(`(func $never (loop $l (br $l))) (func $trap (unreachable))
      (func $early (return) (drop (i32.div_u (i32.const 1) (i32.const 1)))) (func $tail (return_call $trap))`)
    const least = Object.fromEntries(functions.map(({ name, leastFuel }) => [name, leastFuel]))
    expect(least).toEqual({ never: null, trap: null, early: 600, tail: 7_200 })
  })
})

describe('damaged modules', () => {
  const whole = wasm(`(import "vm_hooks" "read_args" (func $args (param i32)))
    (func $helper (param i64) (result i64) (i64.mul (local.get 0) (i64.const 3))) ${ENTRY} (i32.const 0)) (data (i32.const 0) "abc")`)

  it('of every length are described up to where they end', () => {
    for (let length = 8; length < whole.length; length++) {
      const report = inspectModule(whole.subarray(0, length))
      if (report.accepted) expect(chainRefusal(whole.subarray(0, length))).toBeNull()
      else expect(report.refusal).toBe(chainRefusal(whole.subarray(0, length)))
    }
    const cut = inspectModule(whole.subarray(0, whole.indexOf(0x7e)))
    expect(cut.problems.some(({ code }) => code === 'malformed:unexpected-end')).toBe(true)
    expect(cut.refusal).toContain('goes past the end')
  })

  it('with any byte changed give the verdict of the chain', () => {
    for (let at = 8; at < whole.length; at++) {
      for (const value of [0x00, 0x7c, 0x7f, 0xff, 0xfd, whole[at]! ^ 1]) {
        const changed = whole.slice()
        changed[at] = value
        const report = inspectModule(changed)
        const refusal = chainRefusal(changed)
        expect(report.refusal, `byte ${at} = ${value}`).toBe(refusal)
        expect(report.accepted, `byte ${at} = ${value}: ${refusal}`).toBe(refusal === null)
        if (refusal !== null) expect(report.problems.length, `byte ${at} = ${value}: ${refusal}`).toBeGreaterThan(0)
      }
    }
  })

  it('of absurd size are described within bounds', () => {
    const preamble = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
    // 600 000 empty custom sections.
    const sections = new Uint8Array(1_800_008)
    for (let at = 8; at < sections.length; at += 3) sections[at + 1] = 1
    sections.set(preamble)
    const many = inspectModule(sections)
    expect(many.sections).toHaveLength(MAX_SECTIONS_SHOWN)
    expect(many.problems.map(({ code }) => code).sort()).toEqual([
      'abi:unknown-abi',
      'limit:customSections',
      'limit:moduleBytes',
    ])
    // One body of two million blocks: type, function, and code with sizes of four bytes.
    const head = [...preamble, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, ...leb4(4_000_006), 1, ...leb4(4_000_001), 0]
    const blocks = new Uint8Array(head.length + 4_000_000)
    for (let at = head.length; at < blocks.length; at += 2) blocks.set([0x02, 0x40], at)
    blocks.set(head)
    const deep = inspectModule(blocks)
    expect(deep.functions).toMatchObject([{ byteLength: 4_000_001, complete: false, instructions: 0 }])
    expect(deep.problems.map(({ code }) => code)).toContain('limit:bodyBytes')
  })

  it('that do not begin like one are refused', () => {
    expect(() => inspectModule(new TextEncoder().encode('#!/bin/sh'))).toThrow(/does not begin with 00 61 73 6d/)
    expect(() => inspectModule(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0))).toThrow(/version/)
  })
})
