/**
 * The shapes that compilers make of large sources, at the sizes that were measured (docs/protocol/vm.md, "Limits"): all
 * are taken, and run alike on both engines. Made here instead of kept as modules of megabytes.
 */
import { describe, expect, it } from 'vitest'
import { compile } from '../src/index.ts'
import { DEFAULT_LIMITS } from '../src/limits.ts'
import { ValidationError } from '../src/validationError.ts'
import { I32, leb, moduleBytes, repeated, vector } from './bombs/moduleBytes.ts'

const FUEL = 10n ** 9n
/** (i32) -> i32 */
const TYPE: [number[], number[]] = [[I32], [I32]]

/**
 * A switch as LLVM and Binaryen write it: a block for each case inside those of the cases after it, a br_table in the
 * innermost, behind each block its case. Here each case returns its number times 3, and `default` -1, as a loop's body
 * or not.
 */
function switchOf(cases: number, loop: boolean): Uint8Array {
  const targets = Array.from({ length: cases }, (_, i) => leb(i)).flat()
  const dispatch = [0x20, 0, 0x0e, ...leb(cases), ...targets, ...leb(cases)]
  const arm = (i: number): number[] => [0x41, ...signed(i * 3), 0x0f]
  const code = [
    ...(loop ? [0x03, 0x40] : []),
    ...repeated(cases + 1, [0x02, 0x40]),
    ...dispatch,
    ...Array.from({ length: cases }, (_, i) => [0x0b, ...arm(i)]).flat(),
    ...[0x0b, 0x41, 0x7f, 0x0f],
    ...(loop ? [0x0b] : []),
    0x00,
  ]
  return moduleBytes({ types: [TYPE], bodies: [{ code }] })
}

/** Signed LEB128 of a number that is not negative. */
function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]
}

/** `if (x == 0) … else if (x == 1) …`, as AssemblyScript writes it: each inside the else before it. */
function elseIfs(count: number): Uint8Array {
  const test = (i: number): number[] => [0x20, 0, 0x41, ...signed(i), 0x46, 0x04, 0x40, 0x41, ...signed(i), 0x0f, 0x05]
  const code = [...Array.from({ length: count }, (_, i) => test(i)).flat(), ...repeated(count, [0x0b]), 0x41, 0x7f]
  return moduleBytes({ types: [TYPE], bodies: [{ code }] })
}

/** Constants of AssemblyScript: a segment for the head of each text, and one for the text. */
function texts(count: number): Uint8Array {
  const segment = (writer: { raw(bytes: Uint8Array): void }, i: number): void =>
    writer.raw(Uint8Array.from([0, 0x41, ...signed(i * 8), 0x0b, 2, i & 0xff, 1]))
  const raw = { 5: Uint8Array.of(1, 0, 1), 11: vector(2 * count, segment) }
  // i32.load8_u at 8 x the argument.
  return moduleBytes({ types: [TYPE], raw, bodies: [{ code: [0x20, 0, 0x41, 3, 0x74, 0x2d, 0, 0] }] })
}

interface Result {
  readonly value: unknown
  readonly fuel: bigint
}

/** Of the reference engine, and of the compiled one. */
function resultsOf(bytes: Uint8Array, inputs: readonly number[]): Result[][] {
  return (['reference', 'compiled'] as const).map((engine) => {
    const instance = compile(bytes, { engine }).instantiate({ fuel: FUEL })
    return inputs.map((input) => {
      instance.setFuel(FUEL)
      const outcome = instance.invoke('run', [input])
      return { value: outcome.kind === 'return' ? outcome.values[0] : outcome.kind, fuel: outcome.fuelUsed }
    })
  })
}

describe('what compilers make of large sources', () => {
  it.each([
    ['an interpreter of 256 byte codes', 256, true],
    ['the lexer of a grammar of 279 states', 279, true],
    ['a match of 1 000 arms', 1_000, false],
    ['a switch of as many cases as a br_table has', DEFAULT_LIMITS.branchTableTargets, false],
  ])('%s', (_, cases, loop) => {
    const [reference, compiled] = resultsOf(switchOf(cases, loop), [0, 1, cases - 1, cases, -1])
    expect(compiled).toEqual(reference)
    expect(reference!.map(({ value }) => value)).toEqual([0, 3, (cases - 1) * 3, -1, -1])
  })

  it('a thousand else-ifs', () => {
    const [reference, compiled] = resultsOf(elseIfs(1_000), [0, 500, 999, 1_000])
    expect(compiled).toEqual(reference)
    expect(reference!.map(({ value }) => value)).toEqual([0, 500, 999, -1])
  })

  it('two thousand texts', () => {
    const [reference, compiled] = resultsOf(texts(2_000), [0, 7, 3_999])
    expect(compiled).toEqual(reference)
    expect(reference!.map(({ value }) => value)).toEqual([0, 7, 3_999 & 0xff])
  })
})

describe('what they make without optimisation', () => {
  it.each([
    ['locals', { locals: [[DEFAULT_LIMITS.locals + 1, I32] as const], code: [] }],
    ['controlValues', { locals: [[900, I32] as const], code: repeated(1_200, [0x02, 0x40, 0x0b]) }],
  ])('is refused for its %s, and the hint says why', (limit, body) => {
    const bytes = moduleBytes({ bodies: [body] })
    expect(() => compile(bytes)).toThrow(ValidationError)
    expect(() => compile(bytes)).toThrow(/compile with optimisation: without it \(-O0, opt-level = 0\)/)
    expect(() => compile(bytes)).toThrow(expect.objectContaining({ code: `limit:${limit}` }))
  })
})
