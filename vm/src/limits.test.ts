/** Every limit of limits.ts, at it and one above it. `memoryPages` and `tableElements` at run time: engineSuite.ts. */
import { describe, expect, it } from 'vitest'
import { type Body, I32, moduleBytes, repeated } from '../test/bombs/moduleBytes.ts'
import { watToWasm } from '../testing/wat.ts'
import { compile } from './compile.ts'
import { DEFAULT_LIMITS, LIMIT_WORDS, type Limits, type ModuleLimit } from './limits.ts'
import { ValidationError } from './validationError.ts'

const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ')

/** A module that has exactly `count` of what the limit counts. */
const MODULES: Readonly<
  Record<Exclude<ModuleLimit, 'moduleBytes' | 'bodyBytes' | 'customSections'>, (count: number) => string | Uint8Array>
> = {
  // Types with results of their own each, so that nothing joins them.
  types: (count) => times(count, () => '(type (func (param i32)))'),
  functions: (count) => `(import "a" "b" (func)) ${times(count - 1, () => '(func)')}`,
  locals: (count) => `(func (local ${times(count, (i) => (i % 2 ? 'i32' : 'i64'))}))`,
  moduleLocals: (count) => {
    const full = Math.floor(count / 1_000)
    const bodies: Body[] = new Array<Body>(full).fill({ locals: [[1_000, I32]], code: [] })
    return moduleBytes({ bodies: [...bodies, { locals: [[count % 1_000, I32]], code: [] }] })
  },
  params: (count) => `(func (param ${times(count, () => 'i32')}))`,
  results: (count) => `(func (result ${times(count, () => 'i32')}) unreachable)`,
  nesting: (count) => nested(count, [0x02, 0x40]),
  loopNesting: (count) => nested(count, [0x03, 0x40]),
  branchTableTargets: (count) => `(func (br_table ${times(count + 1, () => '0')} (i32.const 0)))`,
  branchesToLabel: (count) => `(func (block $l ${times(count, () => '(br_if $l (i32.const 0))')}))`,
  // A million is 1 000 calls times 1 000 locals; a million and one, 9 901 times 101. Operands count as well: below.
  controlValues: (count) => {
    const locals = [1_000, 101, 1].find((factor) => count % factor === 0)!
    return moduleBytes({
      bodies: [{ locals: [[locals, I32]], code: repeated(count / locals, [0x10, 0]) }],
    })
  },
  globals: (count) => `(import "a" "b" (global i32)) ${times(count - 1, () => '(global i32 (i32.const 0))')}`,
  tables: (count) => `(import "a" "b" (table 0 funcref)) ${times(count - 1, () => '(table 0 funcref)')}`,
  tableElements: (count) => `(table ${count} funcref)`,
  elementSegments: (count) => times(count, () => '(elem func)'),
  segmentElements: (count) => `(func $f) (elem func ${times(count, () => '$f')})`,
  dataSegments: (count) => times(count, () => '(data "")'),
  imports: (count) => times(count, (i) => `(import "a" "${i}" (func))`),
  exports: (count) => `(func $f) ${times(count, (i) => `(export "${i}" (func $f))`)}`,
  nameBytes: (count) => `(func (export "${'a'.repeat(count)}"))`,
  memoryPages: (count) => `(memory ${count})`,
}

/** wabt does not come back from 200 blocks inside each other, so this one is made by hand. */
function nested(count: number, opener: readonly number[]): Uint8Array {
  return moduleBytes({ bodies: [{ code: [...repeated(count, opener), ...repeated(count, [0x0b])] }] })
}

function moduleOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? watToWasm(`(module ${content})`) : content
}

function codeOf(bytes: Uint8Array, limits: Partial<Limits> = {}): string {
  try {
    compile(bytes, { limits })
    return 'accepted'
  } catch (error) {
    if (error instanceof ValidationError) return error.code
    throw error
  }
}

describe.each(Object.entries(MODULES))('limit %s', (name, text) => {
  const limit = DEFAULT_LIMITS[name as ModuleLimit]

  it('admits what is at it and refuses what is one above, by name', () => {
    expect(codeOf(moduleOf(text(limit)))).toBe('accepted')
    expect(codeOf(moduleOf(text(limit + 1)))).toBe(`limit:${name}`)
  })

  it('can be set', () => {
    const bytes = moduleOf(text(5))
    expect(codeOf(bytes, { [name]: 5 })).toBe('accepted')
    expect(codeOf(bytes, { [name]: 4 })).toBe(`limit:${name}`)
  })
})

describe('limits of size', () => {
  it('moduleBytes counts the whole binary', () => {
    const { moduleBytes } = DEFAULT_LIMITS
    const empty = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
    const padded = (length: number): Uint8Array => {
      const bytes = new Uint8Array(length)
      // One custom section with an empty name: id, size in three bytes, length of the name.
      const size = length - empty.length - 4
      bytes.set([...empty, 0, (size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14, 0])
      return bytes
    }
    expect(codeOf(padded(moduleBytes))).toBe('accepted')
    expect(codeOf(padded(moduleBytes + 1))).toBe('limit:moduleBytes')
  })

  it('bodyBytes counts locals and code', () => {
    const { bodyBytes } = DEFAULT_LIMITS
    // The vector of locals and the end take one byte each.
    expect(codeOf(watToWasm(`(module (func ${'nop '.repeat(bodyBytes - 2)}))`))).toBe('accepted')
    expect(codeOf(watToWasm(`(module (func ${'nop '.repeat(bodyBytes - 1)}))`))).toBe('limit:bodyBytes')
  })

  it('customSections counts them all', () => {
    const { customSections } = DEFAULT_LIMITS
    const module = (count: number): Uint8Array =>
      Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...new Array<number[]>(count).fill([0, 1, 0]).flat()])
    expect(codeOf(module(customSections))).toBe('accepted')
    expect(codeOf(module(customSections + 1))).toBe('limit:customSections')
  })
})

describe('controlValues', () => {
  /** Blocks inside each other, each left by a br_if, over so many operands. */
  const over = (operands: number, blocks: number): Uint8Array =>
    moduleBytes({
      bodies: [
        {
          code: [
            ...repeated(operands, [0x41, 0]),
            ...repeated(blocks, [0x02, 0x40, 0x41, 0, 0x0d, 0]),
            ...repeated(blocks, [0x0b]),
            ...repeated(operands, [0x1a]),
          ],
        },
      ],
    })

  it('counts the operands at each block and branch: a baseline compiler has a list of them for each', () => {
    // The br_if has its condition on the stack too.
    expect(codeOf(over(100, 10), { controlValues: 10 * 100 + 10 * 101 })).toBe('accepted')
    expect(codeOf(over(100, 10), { controlValues: 10 * 100 + 10 * 101 - 1 })).toBe('limit:controlValues')
  })

  it('counts the targets of a br_table, and no operands in code that cannot be reached', () => {
    const table = (before: string) => watToWasm(`(module (func (param i32) ${before} (br_table 0 0 0 (local.get 0))))`)
    // The br_table itself, two targets, the default: the parameter and the index.
    expect(codeOf(table(''), { controlValues: 8 })).toBe('accepted')
    expect(codeOf(table(''), { controlValues: 7 })).toBe('limit:controlValues')
    expect(codeOf(table('unreachable'), { controlValues: 4 })).toBe('accepted')
    expect(codeOf(table('unreachable'), { controlValues: 3 })).toBe('limit:controlValues')
  })
})

describe('every limit of a module', () => {
  it('has a test here', () => {
    const tested = [...Object.keys(MODULES), 'moduleBytes', 'bodyBytes', 'customSections']
    expect(tested.sort()).toEqual(Object.keys(LIMIT_WORDS).sort())
  })

  it('says the figure, what is allowed and what to do', () => {
    expect(() => compile(watToWasm('(module (memory 257))'))).toThrow(
      '257 pages in the initial memory; at most 256 are allowed (ask for less memory at the start (--initial-memory))',
    )
  })
})
