/**
 * Clears the memory of an instance that is used again. A contract writes a small part of its memory, and reading is
 * cheaper than writing: code of our own goes over the memory in the host's widest words and clears only the stretches
 * that are not zero (measured for 1 MiB: 28 us, where filling it takes 36). Where the host has no such words, all is
 * filled; the memory is the same afterwards.
 *
 * Why it is so: docs/rationale/vm.md.
 */
import { EMPTY_BLOCK_CODE, FUNCTION_FORM, I32_CODE, PREAMBLE } from '../binary/formatCodes.ts'
import { OP, PREFIX, PREFIXED_BASE } from '../binary/opcodes.ts'
import { Writer } from '../binary/writer.ts'
import { type HostInstance, type HostMemory, type HostModule, hostWebAssembly } from './hostWebAssembly.ts'

/** Bytes looked at and cleared together; memories are whole pages, so they are multiples of it. */
export const STRETCH = 256
const WORD = 16

/** Numbers of sections, and kinds of what is imported and exported. */
const [TYPES, IMPORTS, FUNCTIONS, EXPORTS, CODE] = [1, 2, 3, 7, 10] as const
const [KIND_FUNCTION, KIND_MEMORY] = [0, 2] as const

/** Of the SIMD proposal, which contracts have no part of; the alignment is 2^4 bytes. */
const SIMD_PREFIX = 0xfd
const V128_LOAD = 0x00
const V128_OR = 0x50
const V128_ANY_TRUE = 0x53
const WORD_ALIGNMENT = 4

/** Null once the host has refused it. */
let cleaner: HostModule | null | undefined

/**
 * Sets all bytes of a memory from one on to zero; bytes before it are left. The bytes from it on must be whole stretches.
 */
export function memoryCleaner(memory: HostMemory): (from: number) => void {
  if (cleaner === undefined) cleaner = compileCleaner()
  if (cleaner === null) return (from) => void new Uint8Array(memory.buffer).fill(0, from)
  const { exports }: HostInstance = new hostWebAssembly.Instance(cleaner, { m: { m: memory } })
  const clear = exports['clear'] as (from: number, end: number) => void
  return (from) => {
    const { byteLength } = memory.buffer
    if (byteLength > from) clear(from, byteLength)
  }
}

/** Asked beforehand: an exception of compiling after that is a failure of this machine, and nobody's to swallow. */
function compileCleaner(): HostModule | null {
  const bytes = cleanerBytes()
  return hostWebAssembly.validate(bytes) ? new hostWebAssembly.Module(bytes) : null
}

/** `clear(at: i32, end: i32)`: clears bytes from one to the other, at least one stretch. */
function cleanerBytes(): Uint8Array {
  const module = new Writer()
  module.raw(PREAMBLE)
  const section = (id: number, ...content: readonly number[]): void => {
    module.byte(id)
    module.sized(Uint8Array.from(content))
  }
  const NAME = 0x6d // "m"
  section(TYPES, 1, FUNCTION_FORM, 2, I32_CODE, I32_CODE, 0)
  section(IMPORTS, 1, 1, NAME, 1, NAME, KIND_MEMORY, 0, 0)
  section(FUNCTIONS, 1, 0)
  section(EXPORTS, 1, 5, ...new TextEncoder().encode('clear'), KIND_FUNCTION, 0)
  const body = new Writer()
  const add = (...bytes: readonly number[]): void => body.raw(Uint8Array.from(bytes))
  const addConstant = (value: number): void => {
    add(OP['i32.const'])
    body.s32(value)
  }
  const NO_LOCALS = 0
  const [AT, END] = [0, 1]
  const NEXT = 0 // the label of the loop
  add(NO_LOCALS, OP.loop, EMPTY_BLOCK_CODE)
  for (let offset = 0; offset < STRETCH; offset += WORD) {
    add(OP['local.get'], AT, SIMD_PREFIX, V128_LOAD, WORD_ALIGNMENT)
    body.u32(offset)
    if (offset > 0) add(SIMD_PREFIX, V128_OR)
  }
  add(SIMD_PREFIX, V128_ANY_TRUE, OP.if, EMPTY_BLOCK_CODE)
  // memory.fill from $at on, with 0, of STRETCH bytes.
  add(OP['local.get'], AT)
  addConstant(0)
  addConstant(STRETCH)
  add(PREFIX, OP['memory.fill'] - PREFIXED_BASE, 0, OP.end)
  // Once more while $at + STRETCH is below $end.
  add(OP['local.get'], AT)
  addConstant(STRETCH)
  add(OP['i32.add'], OP['local.tee'], AT, OP['local.get'], END, OP['i32.lt_u'], OP.br_if, NEXT, OP.end, OP.end)
  const code = new Writer()
  code.u32(1)
  code.sized(body.finish())
  module.byte(CODE)
  module.sized(code.finish())
  return module.finish()
}
