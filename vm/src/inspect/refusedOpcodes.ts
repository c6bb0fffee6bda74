/**
 * How instructions this VM refuses are laid out, so that a reader can step over them and find the next: SIMD and
 * relaxed SIMD (0xFD), threads (0xFE), exceptions, typed references and garbage collection (0xFB). Source: the binary
 * format of WebAssembly 3.0, core specification 5.4, and of the threads and legacy exception proposals.
 */
import { REFUSED_OPCODES, type RefusedFeature } from '../binary/opcodes.ts'
import type { Reader } from '../binary/reader.ts'

export interface RefusedInstruction {
  readonly name: string
  readonly feature: RefusedFeature
  /** Its effect on the blocks around it. */
  readonly structure: 'none' | 'opens' | 'middle' | 'closes'
}

/**
 * Immediates, a letter each: `b` block type, `u` unsigned LEB128, `s` heap type, `m` memory argument, `1` one byte,
 * `x` sixteen bytes, `c` the catch clauses of a try_table.
 */
const ONE_BYTE: Readonly<Record<number, string>> = {
  6: 'b',
  7: 'u',
  8: 'u',
  9: 'u',
  10: '',
  20: 'u',
  21: 'u',
  24: 'u',
  25: '',
  31: 'bc',
  211: '',
  212: '',
  213: 'u',
  214: 'u',
}

/** Immediates of 0xFB 0..30. */
const GC = 'u u uu uu uu uu u u uu uu uu u u u u - u uu uu uu s s s s 1uss 1uss - - - - -'.split(' ')

const STRUCTURE: Readonly<Record<number, RefusedInstruction['structure']>> = {
  6: 'opens',
  31: 'opens',
  7: 'middle',
  25: 'middle',
  24: 'closes',
}

const LAST_SIMD = 0x113
const LAST_ATOMIC = 0x4e

/** Steps over a refused instruction, whose opcode byte was just read; null when there is none of that code. */
export function readRefused(reader: Reader, code: number): RefusedInstruction | null {
  const known = REFUSED_OPCODES.get(code)
  if (known === undefined) return null
  const { feature } = known
  const plain = ONE_BYTE[code]
  if (plain !== undefined) {
    readImmediates(reader, plain)
    return { name: known.name, feature, structure: STRUCTURE[code] ?? 'none' }
  }
  const sub = reader.u32()
  const immediates = prefixedImmediates(code, sub)
  if (immediates === null) return null
  readImmediates(reader, immediates)
  return { name: `0x${code.toString(16)} ${sub} (${feature})`, feature, structure: 'none' }
}

function prefixedImmediates(code: number, sub: number): string | null {
  if (code === 0xfb) return GC[sub] ?? null
  if (code === 0xfe) return sub > LAST_ATOMIC ? null : sub === 3 ? '1' : 'm'
  if (sub > LAST_SIMD) return null
  if (sub <= 11 || sub === 92 || sub === 93) return 'm'
  if (sub === 12 || sub === 13) return 'x'
  if (sub >= 21 && sub <= 34) return '1'
  if (sub >= 84 && sub <= 91) return 'm1'
  return ''
}

function readImmediates(reader: Reader, letters: string): void {
  for (const letter of letters) {
    switch (letter) {
      case 'b':
        skipBlockType(reader)
        break
      case 'u':
        reader.u32()
        break
      case 's':
        reader.s33()
        break
      case 'm':
        skipMemoryArgument(reader)
        break
      case '1':
        reader.byte()
        break
      case 'x':
        reader.take(16)
        break
      case 'c':
        skipCatchClauses(reader)
        break
    }
  }
}

/** Also `ref null ht` (0x63) and `ref ht` (0x64), which are followed by a heap type. */
export function skipValueType(reader: Reader): number {
  const code = reader.byte()
  if (code === 0x63 || code === 0x64) reader.s33()
  return code
}

function skipBlockType(reader: Reader): void {
  const start = reader.position
  if ((reader.byte() & 0xc0) === 0x40) {
    reader.position = start
    skipValueType(reader)
    return
  }
  reader.position = start
  reader.s33()
}

/** An alignment, a memory index when bit 6 says so, and an offset of up to 64 bits. Gives the memory. */
export function skipMemoryArgument(reader: Reader): number {
  const flags = reader.u32()
  if (flags >= 0x80) reader.malformed('malformed:memory-argument', `0x${flags.toString(16)} is not an alignment`)
  const memory = (flags & 0x40) !== 0 ? reader.u32() : 0
  skipLongInteger(reader)
  return memory
}

/** An unsigned LEB128 of up to 64 bits. */
export function skipLongInteger(reader: Reader): void {
  for (let i = 0; i < 10; i++) if (reader.byte() < 0x80) return
  reader.malformed('malformed:integer', 'integer too long')
}

function skipCatchClauses(reader: Reader): void {
  const count = reader.u32()
  for (let i = 0; i < count; i++) {
    const kind = reader.byte()
    if (kind > 3) reader.malformed('malformed:opcode', `0x${kind.toString(16)} is not a kind of catch clause`)
    if (kind < 2) reader.u32()
    reader.u32()
  }
}
