/**
 * The compiler never changes what a contract says: what AssemblyScript 0.28.20 gets wrong by itself, as an author would meet
 * it, is right or refused, and random programs do what their source says. `npm run fuzz:compiler` goes on with these for as
 * long as it is told.
 */

import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileProgram } from '../../src/builder/compileProgram.ts'
import { asc } from '../../src/builder/compiler.ts'
import { BuildError } from '../../src/builder/problem.ts'
import { COMPILER_VERSION, checkCompiler, METHODS_DIGEST } from '../../src/builder/replacements.ts'
import { readSdk } from '../../src/builder/sdk.ts'
import { BUILD_TIMEOUT } from '../fixtures.ts'
import { TestChain, type TestContract } from '../testChain.ts'
import { runBatch, type Tally } from './session.ts'

/** A few seconds' worth. */
const PROGRAMS = 30

const IMPORT = `import { U256, u256 } from '@touchstone/contracts/as'`

/** Statement of a body that has parameters a and b, i32, and gives an i64; the arguments; what it must give. */
const RIGHT: Readonly<Record<string, readonly [body: string, a: number, b: number, want: bigint]>> = {
  'an i32 read from memory, as u32, as 64 bits': ['const v = [a]; return <i64><u32>v[0]', -1, 0, 2n ** 32n - 1n],
  'an i32 field, as u32 without a cast, as 64 bits': ['const x: u32 = new Box(a).n; return x', -1, 0, 2n ** 32n - 1n],
  '& of i16, one side wrapped': ['const x = <i16>a, y = <i16>b; return (y * y) & (x >> 1)', -1, 300, 24464n],
  '& of i16 with a negative mask': ['return ((<i16>a + <i16>b) & -16) > 0 ? 1 : 0', 32767, 17, 0n],
  '& with a negative mask, as u8': ['return <u8>(<i8>a & -16)', -1, 0, 240n],
  '<< by 24, as u8': ['return <u8>(a << 24)', 0x123, 0, 0n],
  '>> by 24, as u8': ['return <u8>(a >> 24)', -1, 0, 255n],
  'an unsigned quotient of i8, as i8': [
    'const p = max(<i8>a, -128), q = max(<i8>b, -128); return <i8>(<u32>p / <u32>q)',
    -2,
    3,
    84n,
  ],
  'a sum that is true': ['return <i64><bool>(<u8>a + <u8>b)', 255, 1, 0n],
  'a bool of 256 in a field': ['const box = new Box(0); box.b = <bool>a; return <i64>box.b', 256, 0, 1n],
  'a bool of && in a field': ['const box = new Box(0); box.b = a && b; return <i64>box.b', 1, 256, 1n],
  'a bool of || in a field': ['const box = new Box(0); box.b = a || b; return <i64>box.b', 0, 256, 1n],
  '& of bools': ['return <i64>(<bool>a & <bool>b)', 2, 1, 1n],
  'an assignment on the left of &&': ['let x = 1; const t = (x = a) != 0 && b != 0; return t ? 0 : x', 5, 0, 5n],
  'an assignment of a constant on the left of &&': ['let x = 1; if ((x = 5) && b) return -1; return x', 0, 0, 5n],
  'an assignment of a constant on the left of ||': ['let x = 1; if ((x = 0) || b) return -1; return x', 0, 0, 0n],
  'a for over u8': ['let n = 0; for (let i: u8 = 0; i < <u8>a; i += 100) if (++n > 20) break; return n', 250, 0, 21n],
  'a small local at a break': [
    'let x: i8 = 0; while (true) { x = x + <i8>a + <i8>a; if (b) break; x = 0; if (!b) break } return x',
    100,
    1,
    -56n,
  ],
  'a small local at a continue': [
    'let x: i8 = 0, r: i64 = 0; for (let i = 0; i < 3; i++) { r += x; x += <i8>a; if (i < 2) continue; x = 0 } return r',
    100,
    0,
    44n,
  ],
  'a small local at the break of a case': [
    'let x: i8 = 0; switch (b) { case 0: { x = x + <i8>a + <i8>a; if (a) break; x = 0; break } default: x = 1 } return x',
    100,
    0,
    -56n,
  ],
  'an assignment of a constant in a function that calls itself': ['return again(a)', 4, 0, 9n],
  'an u32 power as 64 bits': ['return <u64>(<u32>a ** <u32>b)', 65535, 2, 65535n ** 2n],
  'an u64 power compared': ['return <u64>a ** <u64>b > 5 ? 1 : 0', -1, 1, 1n],
  'the value of && in a comparison': ['if ((a && b) > 5) return 1; return 0', 1, 7, 1n],
  'the value of || in a sum': ['return (a || b) + 1 == 8 ? 1 : 0', 7, 1, 1n],
  'a for that breaks and ends in continue': [
    'let r = 0; for (;;) { r++; if (r > a) break; continue } return r',
    3,
    0,
    4n,
  ],
  'a for that breaks and ends in return': ['for (;;) { if (a) break; return 5 } return 6', 1, 0, 6n],
  'a case that breaks and ends in return': [
    'switch (b) { case 0: if (a) break; return 4; default: return 5 } return 6',
    1,
    0,
    6n,
  ],
  'a default that breaks within and ends in return': [
    'let n = 1; switch (b) { default: if (a) { if (b) break } else { n = 2 } return 4 } return n + 6',
    1,
    1,
    7n,
  ],
  'a small value after a case that breaks and ends in return': ['return <i64>small(a, b) + 1', -1, 0, 128n],
  'what comes after a for that ends in break': ['const box = new Box(a); step(box); return box.n', 1, 0, 12n],
}

const source = `${IMPORT}
class Box { n: i32; b: bool = false; constructor(n: i32) { this.n = n } }
function again(n: i32): i32 { 'unchecked'; let x = 0; if ((x = 5) || again(n - 1) > 0) return n + x; return x }
function small(a: i32, b: i32): i8 { 'unchecked'; switch (b) { case 0: if (a) break; return 1; default: return 2 } return <i8>a + <i8>(a * 128) }
function step(box: Box): void { for (;;) { box.n += 1; break } box.n += 10 }
@contract export class Faults {
${Object.values(RIGHT)
  .map(([body], i) => `  @pure f${i}(a: i32, b: i32): i64 { 'unchecked'; ${body} }`)
  .join('\n')}
}`

async function compile(text: string) {
  const { modules } = await compileProgram(
    'assembly/index.ts',
    (path) => (path.startsWith('assembly') ? text : null),
    readSdk(),
  )
  return modules[0]?.artifact
}

describe('what the compiler gets wrong is made right', () => {
  let contract: TestContract
  beforeAll(async () => {
    const artifact = await compile(source)
    if (artifact === undefined) throw new Error('there is no contract')
    contract = new TestChain().deploy(artifact)
  }, BUILD_TIMEOUT)

  it.each(Object.entries(RIGHT).map(([name, [, a, b, want]], i) => ({ name, i, a, b, want })))(
    '$name',
    ({ i, a, b, want }) => {
      expect(contract.send(`f${i}`, [a, b])).toBe(want)
    },
  )
})

describe('what the compiler gets wrong is refused', () => {
  it(
    'with the place',
    async () => {
      const bodies = [
        'return <i32>a + (<bool>a + <bool>b)',
        'let t = <bool>a; t++; return t',
        'return -(<bool>a)',
        'return rotl<i8>(<i8>a, 1)',
        'return rotr(<i16>a, <i16>1)',
        'let box: Box | null = null; do { box = null; if (a) break; box = new Box(a) } while (b); return box.n',
        'let n: u32; while (true) { if (a) break; n = 7; break } return n',
      ]
      const text = `${IMPORT}
class Box { n: i32; constructor(n: i32) { this.n = n } }
@contract export class Faults {
${bodies.map((body, i) => `  @pure f${i}(a: i32, b: i32): i64 { ${body} }`).join('\n')}
}`
      const error: unknown = await compile(text).catch((reason: unknown) => reason)
      if (!(error instanceof BuildError)) throw error
      expect(error.problems.map(({ line, message }) => [line, message])).toEqual([
        [4, "The '+' operator cannot be applied to type 'bool'. (AS2469)"],
        [5, "The '++' operator cannot be applied to type 'bool'. (AS2469)"],
        [6, "The '-' operator cannot be applied to type 'bool'. (AS2469)"],
        [7, "Operation 'rotl' cannot be applied to type 'i8'. (AS203)"],
        [8, "Operation 'rotr' cannot be applied to type 'i16'. (AS203)"],
        [9, "Type 'Box | null' is not assignable to type 'Box'. (AS2322)"],
        [10, "Variable 'n' is used before being assigned. (AS2454)"],
      ])
    },
    BUILD_TIMEOUT,
  )
})

describe('random programs', () => {
  it(
    'do what their source says',
    async () => {
      const tally: Tally = { programs: 0, runs: 0, reverts: 0, skipped: 0 }
      expect(await runBatch(1, PROGRAMS, tally)).toBeNull()
      expect(tally.programs).toBe(PROGRAMS)
    },
    BUILD_TIMEOUT,
  )
})

describe('the compiler', () => {
  it('is the one the guards are written for, exactly', () => {
    const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
    expect(asc.version).toBe(COMPILER_VERSION)
    expect(read('../../package.json').dependencies.assemblyscript).toBe(COMPILER_VERSION)
    expect(read('../../../package-lock.json').packages['node_modules/assemblyscript'].version).toBe(COMPILER_VERSION)
  })

  it('is refused when it is another one', () => {
    expect(() => checkCompiler('0.28.21', METHODS_DIGEST)).toThrow('the one here is 0.28.21; install that version')
    expect(() => checkCompiler(COMPILER_VERSION, METHODS_DIGEST.replace(/./, 'g'))).toThrow('has other methods')
    expect(() => checkCompiler(COMPILER_VERSION, METHODS_DIGEST)).not.toThrow()
  })
})
