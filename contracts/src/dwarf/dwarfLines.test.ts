/** Lines by DWARF: modules that clang made (testing/makeVectors.mjs), their rows by llvm-dwarfdump, and damaged ones. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DwarfLines } from './dwarfLines.ts'
import { readLineTables } from './lineProgram.ts'
import { demangled } from './rustNames.ts'
import { functionNamesOf, sectionsOf } from './wasmSections.ts'

const { stripped } = (await import(new URL('../../templates/strip.mjs', import.meta.url).href)) as {
  stripped(module: Uint8Array): Uint8Array
}
const vector = (name: string) => new Uint8Array(readFileSync(new URL(`testing/${name}`, import.meta.url)))
const source = 'a\nb\n'
const sources = { nameOf: (path: string) => path, textOf: (path: string) => (path === 'vector.c' ? source : null) }
const linesOf = (debug: Uint8Array, deployed: Uint8Array = stripped(debug)) => new DwarfLines(debug, deployed, sources)

/** Addresses and lines as llvm-dwarfdump 14 has them; 0 is none, and the end of a function. */
const ROWS = [
  ...[
    [0x02, 12],
    [0x09, 13],
    [0x0a, 13],
    [0x0c, 14],
    [0x14, 16],
    [0x15, 0],
    [0x1a, 15],
    [0x26, 16],
    [0x27, 0],
  ],
  ...[
    [0x28, 7],
    [0x2d, 4],
    [0x2e, 9],
    [0x31, 9],
    [0x32, 0],
  ],
] as const

describe.each(['vector.dwarf4.wasm', 'vector.dwarf5.wasm'])('the lines of %s', (name) => {
  const debug = vector(name)
  const deployed = stripped(debug)
  const code = sectionsOf(deployed).find(({ id }) => id === 10)!

  it('are those of the compiler, at the offsets of the module that is deployed', () => {
    const lines = linesOf(debug)
    expect(lines.sources).toEqual(['vector.c'])
    const at = (address: number) => lines.at(code.contents + address)
    for (const [i, [address, line]] of ROWS.entries()) {
      const next = ROWS[i + 1]?.[0] ?? address + 1
      for (let one = address; one < next; one++) expect([one, at(one)?.line ?? 0]).toEqual([one, line])
    }
    expect([at(-code.contents), at(1), at(0x1000)]).toEqual([null, null, null])
    expect(at(2)?.file).toBe('vector.c')
    expect([lines.textOf('vector.c'), lines.textOf('other.c')]).toEqual([source, null])
    expect([0, 1, 2].map((index) => lines.functionName(index))).toEqual(['user_entrypoint', 'twice', null])
  })

  it('are none of another build', () => {
    const other = deployed.slice()
    other[code.end - 2]! ^= 1
    expect(() => linesOf(debug, other)).toThrow('it is another build')
  })

  it('are refused in words whatever a byte of the file is, and never take long', () => {
    let refused = 0
    for (let at = 8; at < debug.length; at++) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const damaged = debug.slice()
        damaged[at] = value
        try {
          linesOf(damaged, deployed).at(code.contents + 5)
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error
          refused++
        }
      }
    }
    expect(refused).toBeGreaterThan(100)
    for (let end = 0; end < debug.length; end += 7) {
      try {
        linesOf(debug.subarray(0, end), deployed)
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
      }
    }
  })
})

it('refuses lines of code that a tool has changed since', () => {
  expect(() => linesOf(vector('vector.stale.wasm'))).toThrow(/its lines are of other code than it has.*wasm-opt/)
})

/** A table whose folders each name the same text, of a megabyte. */
function tableOf(folders: number): Uint8Array {
  const header = [1, 1, 1, 0, 1, 1, 1, 1, 0x1f, folders, ...new Array<number>(4 * folders).fill(0), 0, 0]
  const view = new DataView(new ArrayBuffer(12 + header.length))
  view.setUint32(0, 8 + header.length, true)
  view.setUint16(4, 5, true)
  view.setUint8(6, 4)
  view.setUint32(8, header.length, true)
  const bytes = new Uint8Array(view.buffer)
  bytes.set(header, 12)
  return bytes
}

it('refuses tables whose paths are long together, sections and names without end', () => {
  const text = new Uint8Array(2 ** 20 + 1).fill(0x61)
  text[2 ** 20] = 0
  const texts = { strings: new Uint8Array(0), lineStrings: text }
  const bounds = { startByEnd: new Map<number, number>(), length: 0 }
  expect(readLineTables(tableOf(2), texts, bounds)).toEqual([])
  expect(() => readLineTables(tableOf(65), texts, bounds)).toThrow('its paths have more than 67108864 characters')
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  const many = Uint8Array.from([...header, ...new Array<number>(2 * 65_537).fill(0).map((_, i) => 1 - (i % 2))])
  expect(() => sectionsOf(many)).toThrow('more than 65536 sections')
  const names = Array.from({ length: 70_000 }, (_, i) => [(i & 127) | 128, ((i >> 7) & 127) | 128, i >> 14, 0]).flat()
  const body = Uint8Array.from([1, 0x84, 0x80, 0x80, 0x80, 0x01, 0, ...names])
  const end = body.length
  const size = names.length + 1
  body.set([(size & 127) | 128, ((size >> 7) & 127) | 128, ((size >> 14) & 127) | 128, (size >> 21) | 128, 0], 1)
  const section = { id: 0, name: 'name', start: 0, contents: 0, end }
  expect(functionNamesOf(body, [section]).size).toBe(65_536)
  // A name of 16,256 bytes.
  const long = Uint8Array.from([1, 0x84, 0x7f, 1, 0, 0x80, 0x7f, ...new Array<number>(127 * 128).fill(0x61)])
  expect(functionNamesOf(long, [{ ...section, end: long.length }]).get(0)).toBe('a'.repeat(4_096))
})

it('refuses modules without lines, and what is no module', () => {
  const bare = stripped(vector('vector.dwarf4.wasm'))
  expect(() => linesOf(bare, bare)).toThrow('it has no .debug_line')
  expect(() => linesOf(new Uint8Array(8), bare)).toThrow('it is no WebAssembly module')
  expect(() => linesOf(bare.subarray(0, 8), bare)).toThrow('the module has no code')
  expect(functionNamesOf(bare, sectionsOf(bare)).size).toBe(0)
})

/** Thirty pairs, each of the one before it twice: 2 to the 30 types. */
const DOUBLED =
  '_RIC1xThhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhETB3_B3_ETBJ_BJ_ETBR_BR_ETBZ_BZ_ETB17_B17_ETB1f_B1f_ETB1p_B1p_ETB1z_B1z_ETB1J_B1J_ETB1T_B1T_ETB23_B23_ETB2d_B2d_ETB2n_B2n_ETB2x_B2x_ETB2H_B2H_ETB2R_B2R_ETB31_B31_ETB3b_B3b_ETB3l_B3l_ETB3v_B3v_ETB3F_B3F_ETB3P_B3P_ETB3Z_B3Z_ETB49_B49_ETB4j_B4j_ETB4t_B4t_ETB4D_B4D_ETB4N_B4N_ETB4X_B4X_ETB57_B57_EE'

it.each([
  ['user_entrypoint', 'user_entrypoint'],
  ['_ZN7counter6panics12write_result17h0123456789abcdefE', 'counter::panics::write_result'],
  ['_ZN7counter3addE', 'counter::add'],
  ['_ZN9999counterE', '_ZN9999counterE'],
  [
    '_ZN4core3ptr28drop_in_place$LT$alloc..Str$GT$17h0123456789abcdefE',
    '_ZN4core3ptr28drop_in_place$LT$alloc..Str$GT$17h0123456789abcdefE',
  ],
  ['_RNvNtCsjQXBzVNmEGO_7counter6panics12write_result', 'counter::panics::write_result'],
  ['_RNvCsjQXBzVNmEGO_7counter21storage_cache_bytes32', 'counter::storage_cache_bytes32'],
  ['_RNvMCs4YRPXaQAKdE_9variablesNtB2_6Wallet5spend', '<variables::Wallet>::spend'],
  ['_RNvXs1_NtCs2DxGA1hvVcO_4core3fmtRhNtB5_7Display3fmtCs4YRPXaQAKdE_9variables', '<&u8 as core::fmt::Display>::fmt'],
  ['_RINvNtC4core3mem4swapTmAhj20_EEC1x', 'core::mem::swap::<(u32, [u8; 32])>'],
  ['_RNCNvC1x3run0', 'x::run::{closure#0}'],
  // A type that stands for itself, references forwards, more of them than a name has room for, and what is not read.
  ['_RNvMC1xB_5write', '_RNvMC1xB_5write'],
  ['_RNvMC1xBz_5write', '_RNvMC1xBz_5write'],
  [`_RNvMC1x${'R'.repeat(200)}h5write`, `_RNvMC1x${'R'.repeat(200)}h5write`],
  [DOUBLED, DOUBLED],
  ['_RNvMC1xFEu5write', '_RNvMC1xFEu5write'],
  ['_RNvMs_NtC4core3fmt5write', '_RNvMs_NtC4core3fmt5write'],
  ['_RNvC9counter', '_RNvC9counter'],
])('calls %s %s', (mangled, name) => {
  expect(demangled(mangled)).toBe(name)
})
