/** The modules that `compile` refuses, and its words. */
import { describe, expect, it } from 'vitest'
import { watToWasm } from '../testing/wat.ts'
import { compile } from './compile.ts'
import { ValidationError } from './validationError.ts'

function refusal(bytes: Uint8Array, floats: 'reject' | 'trap' = 'reject'): ValidationError {
  try {
    compile(bytes, { floats })
  } catch (error) {
    if (error instanceof ValidationError) return error
    throw error
  }
  throw new Error('the module was accepted')
}

const section = (id: number, ...bytes: number[]): number[] => [id, bytes.length, ...bytes]
const binary = (...sections: number[][]): Uint8Array =>
  Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()])

describe('floats', () => {
  it.each([
    ['a parameter', '(func (param f64))'],
    ['a result', '(func (result f32) (unreachable))'],
    ['a local', '(func (local f32))'],
    ['a global', '(global f64 (f64.const 0))'],
    ['an imported signature', '(import "a" "b" (func (param f32)))'],
    ['a block type', '(func (block (result f32) (unreachable)) (drop))'],
    ['a typed select', '(func (unreachable) (select (result f64)) (drop))'],
    ['a constant', '(func (drop (f32.const 1)))'],
    ['a conversion', '(func (drop (i64.trunc_sat_f64_u (f64.const 1))))'],
    ['a load', '(memory 1) (func (drop (f64.load (i32.const 0))))'],
  ])('are refused in %s', (_where, text) => {
    expect(refusal(watToWasm(`(module ${text})`)).code).toBe('refused:float')
  })

  it('are refused with function, byte, instruction and remedy', () => {
    const bytes = watToWasm('(module (func $ok) (func $price (param i32) (drop (f32.convert_i32_s (local.get 0)))))', {
      names: true,
    })
    const error = refusal(bytes)
    expect(error).toMatchObject({ functionIndex: 1, functionName: 'price', instruction: 'f32.convert_i32_s' })
    expect(bytes[error.offset!]).toBe(0xb2)
    expect(error.message).toMatch(
      /floating point.* at f32\.convert_i32_s in function 1 "price" at byte 0x[0-9a-f]+ \(use integer/,
    )
    expect(error.hint).toContain('fixed-point')
  })

  it('validate under policy trap, with their types checked', () => {
    const bytes = watToWasm('(module (func (param f32 f64) (result f64) (local.get 1)) (global f32 (f32.const 1.5)))')
    expect(compile(bytes, { floats: 'trap' }).module.functionCount).toBe(1)
    // f32.add of two f64: type 0x7c twice.
    const wrong = binary(
      section(1, 1, 0x60, 0, 0),
      section(3, 1, 0),
      section(10, 1, 8, 1, 1, 0x7c, 0x20, 0, 0x20, 0, 0x92, 0x0b),
    )
    expect(refusal(binary(section(1, 1, 0x60, 1, 0x7d, 0))).code).toBe('refused:float')
    expect(refusal(wrong, 'trap').code).toMatch(/^(malformed|invalid):/)
  })
})

describe('features outside the profile', () => {
  it.each([
    ['refused:externref', '(module (func (param externref)))'],
    ['refused:simd', '(module (func (param v128)))'],
    ['refused:simd', '(module (func (drop (i32x4.extract_lane 0 (v128.const i32x4 0 0 0 0)))))'],
    ['refused:threads', '(module (memory 1 1 shared))'],
    ['refused:threads', '(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))'],
    ['refused:exceptions', '(module (tag))'],
    ['refused:exceptions', '(module (import "a" "b" (tag)))'],
    ['refused:memory64', '(module (memory i64 1))'],
    ['refused:multi-memory', '(module (memory 1) (memory 1))'],
  ])('%s: %s', (code, text) => {
    expect(refusal(watToWasm(text)).code).toBe(code)
  })

  it.each([
    ['refused:gc', binary(section(1, 1, 0x5f, 0))],
    ['refused:gc', binary(section(1, 1, 0x60, 1, 0x64, 0x70, 0))],
    ['refused:exceptions', binary(section(13, 1, 0, 0))],
    ['refused:memory64', binary(section(4, 1, 0x70, 4, 0))],
    ['refused:gc', binary(section(4, 1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b))],
  ] as const)('%s in binary', (code, bytes) => {
    expect(refusal(bytes).code).toBe(code)
  })

  it.each([
    ['call_ref', 0x14, 'gc'],
    ['throw', 0x08, 'exceptions'],
    ['a garbage-collection instruction (prefix 0xFB)', 0xfb, 'gc'],
    ['an atomic instruction (prefix 0xFE)', 0xfe, 'threads'],
  ])('names the instruction %s', (name, opcode, feature) => {
    const bytes = binary(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(10, 1, 4, 0, opcode, 0, 0x0b))
    expect(refusal(bytes)).toMatchObject({ code: `refused:${feature}`, instruction: name, functionIndex: 0 })
  })
})

describe('what is not a module', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'malformed:magic'],
    ['EVM bytecode', Uint8Array.of(0x60, 0x80, 0x60, 0x40, 0x52), 'malformed:magic'],
    ['a component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), 'malformed:version'],
    ['a truncated section', binary([1, 50, 1]), 'malformed:unexpected-end'],
    ['sections out of order', binary(section(3, 0), section(1, 0)), 'malformed:section-order'],
    ['an unknown section', binary(section(14, 0)), 'malformed:section-id'],
    ['a section that is too long', binary(section(1, 0, 0)), 'malformed:section-size'],
    ['a function without a body', binary(section(1, 1, 0x60, 0, 0), section(3, 1, 0)), 'malformed:function-count'],
  ])('%s', (_what, bytes, code) => {
    const error = refusal(bytes)
    expect(error.code).toBe(code)
    expect(error.offset).not.toBeNull()
  })

  it('says of a component that it is one, and what to build instead', () => {
    const error = refusal(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0))
    expect(error.problem).toBe('this is a WebAssembly component, not a module')
    expect(error.hint).toContain('wasm32-unknown-unknown')
    expect(refusal(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0)).problem).toContain('version of the binary format')
  })

  it('any prefix of a valid module but the whole is refused or shorter by whole sections', () => {
    const bytes = watToWasm(
      '(module (memory 1) (func (export "f") (result i32) (i32.const 7)) (data (i32.const 0) "x"))',
    )
    const accepted = []
    for (let length = 0; length <= bytes.length; length++) {
      try {
        compile(bytes.slice(0, length))
        accepted.push(length)
      } catch (error) {
        expect(error).toBeInstanceOf(ValidationError)
      }
    }
    // The empty module, the types alone, and the whole; everything between misses a body or its data.
    expect(accepted.at(-1)).toBe(bytes.length)
    expect(accepted.length).toBeLessThan(5)
  })
})

describe('validation errors', () => {
  it('say what was expected, where', () => {
    const bytes = binary(section(1, 1, 0x60, 0, 1, 0x7f), section(3, 1, 0), section(10, 1, 4, 0, 0x42, 1, 0x0b))
    expect(refusal(bytes)).toMatchObject({ code: 'invalid:type-mismatch', functionIndex: 0, instruction: 'end' })
    expect(refusal(bytes).message).toContain('expected i32, found i64')
  })

  it.each([
    ['invalid:immutable-global', section(6, 1, 0x7f, 0, 0x41, 0, 0x0b), [0x41, 0, 0x24, 0]],
    ['invalid:unknown-local', [], [0x20, 0, 0x1a]],
    ['invalid:unknown-label', [], [0x0c, 1]],
    ['invalid:unknown-function', [], [0x10, 9]],
    ['invalid:unknown-table', [], [0x41, 0, 0x25, 0, 0x1a]],
    ['invalid:unknown-memory', [], [0x3f, 0, 0x1a]],
    ['invalid:undeclared-function', [], [0xd2, 0, 0x1a]],
    ['invalid:stack-overflow', [], [0x41, 0]],
    ['invalid:else-missing', [], [0x41, 0, 0x04, 0x7f, 0x41, 0, 0x0b, 0x1a]],
  ] as const)('%s', (code, extra, body) => {
    const globals = extra.length > 0 ? [[...extra]] : []
    const bytes = binary(
      section(1, 1, 0x60, 0, 0),
      section(3, 1, 0),
      ...globals,
      section(10, 1, body.length + 2, 0, ...body, 0x0b),
    )
    expect(refusal(bytes)).toMatchObject({ code, functionIndex: 0 })
  })

  it('take the function name from an export when there is no name section', () => {
    const bytes = binary(
      section(1, 1, 0x60, 0, 0),
      section(3, 1, 0),
      section(7, 1, 3, 0x61, 0x62, 0x63, 0, 0),
      section(10, 1, 3, 0, 0x1a, 0x0b),
    )
    expect(refusal(bytes)).toMatchObject({ code: 'invalid:stack-underflow', functionName: 'abc', instruction: 'drop' })
  })
})

describe('options', () => {
  it('refuse an unknown schedule and costs that are no whole numbers', () => {
    const bytes = binary()
    expect(() => compile(bytes, { schedule: 'touchstone/0' })).toThrow(/there are touchstone\/1, stylus/)
    expect(() => compile(bytes, { schedule: 'toString' })).toThrow(RangeError)
    expect(() => compile(bytes, { engine: 'quantum' as 'reference' })).toThrow(RangeError)
    expect(() => compile(bytes, { schedule: { instruction: 0.5 } })).toThrow(RangeError)
    expect(() => compile(bytes, { schedule: { instruction: -1 } })).toThrow(RangeError)
    expect(() => compile(bytes, { schedule: { instruction: 1, classes: { call: 2 ** 40 } } })).toThrow(/call costs/)
  })
})

describe('the summary of a module', () => {
  it('shows imports, exports, memory and custom sections', () => {
    const bytes = watToWasm(
      `(module (import "vm_hooks" "read_args" (func (param i32))) (memory (export "memory") 1 7)
        (table 3 funcref) (table 4 funcref) (elem func $start $start)
        (func $start (local i32 i64) (loop (br_if 0 (i32.const 0)))) (start $start) (global (export "g") (mut i64) (i64.const 1)))`,
      { names: true },
    )
    expect(compile(bytes).module).toEqual({
      imports: [
        {
          module: 'vm_hooks',
          name: 'read_args',
          external: { kind: 'function', type: { params: ['i32'], results: [] } },
        },
      ],
      exports: [
        { name: 'memory', external: { kind: 'memory', min: 1, max: 7 } },
        { name: 'g', external: { kind: 'global', type: 'i64', mutable: true } },
      ],
      memory: { min: 1, max: 7, imported: false },
      hasStart: true,
      functionCount: 1,
      tableElements: 7,
      segmentElements: 2,
      declaredLocals: 2,
      loops: 1,
      // Two locals at the start, which counts four times, at the loop, and with the condition at the branch.
      controlValues: 4 * 2 + 2 + 3,
      declarations: 2 + 2 + 1,
      byteLength: bytes.length,
      customSections: [{ name: 'name', byteLength: expect.any(Number) }],
    })
  })
  it('has every export, also of a program that offers only some', () => {
    const bytes = watToWasm(
      `(module (memory (export "memory") 1) (table (export "table") 1 funcref) (func (export "a") (result i32) (i32.const 1))
        (func (export "b")) (global (export "g") i32 (i32.const 1)))`,
    )
    for (const engine of ['reference', 'compiled'] as const) {
      const program = compile(bytes, { engine, exports: ['a'] })
      expect(program.module.exports.map(({ name }) => name)).toEqual(['memory', 'table', 'a', 'b', 'g'])
      const instance = program.instantiate({ fuel: 1_000_000n })
      expect(instance.invoke('a', [])).toMatchObject({ kind: 'return', values: [1] })
      expect(instance.memory?.size).toBe(65_536)
      expect(() => instance.invoke('b', [])).toThrow(TypeError)
      expect(() => instance.global('g')).toThrow(TypeError)
    }
  })
})
