/**
 * A module to practise on: nearly every instruction without floats, and every way to leave a block, in functions of the
 * kind that compilers make. It computes nothing of use, and never traps.
 */
import { EMPTY_BLOCK_CODE, FUNCREF_CODE, FUNCTION_FORM, I32_CODE, I64_CODE, PREAMBLE } from '../binary/formatCodes.ts'
import { INSTRUCTIONS, type InstructionInfo, OP, PREFIX, PREFIXED_BASE } from '../binary/opcodes.ts'
import type { ValueType } from '../binary/types.ts'
import { Writer } from '../binary/writer.ts'

/** Numbers of sections, and the kind of what is exported. */
const [TYPES, FUNCTIONS, TABLES, MEMORIES, GLOBALS, EXPORTS, ELEMENTS, CODE, DATA] = [
  1, 3, 4, 5, 6, 7, 9, 10, 11,
] as const
const FUNCTION_KIND = 0

/** Types: of a function that goes through the table of instructions, and of one that has something to do. */
const [PRACTISING, SHORT] = [0, 1] as const
/** The locals of the former: its parameter, which counts turns, and one of either type to compute with. */
const [COUNTER, NUMBER, WIDE] = [0, 1, 2] as const
/** Constants, none of which a division fails on: of one byte and of more, below zero and above. */
const CONSTANTS = [7, 1_000, -3, 70_000, 0x1234_5678, 0x7fff_ffff] as const
const OFFSETS = [0, 8, 1_000] as const
/** Address of everything; it is within the one page that there is. */
const ADDRESS = 64
/** So many instructions of the table stand between two places where control may go several ways. */
const INSTRUCTIONS_A_WAY = 6

/** The function to call; it takes a number of turns. */
export const PRACTICE = 'practise'

/** @param functions how many go through the table of instructions; each of them has a short one besides */
export function practiceModule(functions: number): Uint8Array {
  const all = Array.from({ length: functions * 2 }, (_, f) => f)
  const module = new Writer()
  module.raw(PREAMBLE)
  section(module, TYPES, (to) => {
    write(to, 2, FUNCTION_FORM, 1, I32_CODE, 1, I32_CODE)
    write(to, FUNCTION_FORM, 3, I32_CODE, I32_CODE, I64_CODE, 0)
  })
  section(module, FUNCTIONS, (to) => {
    to.u32(all.length)
    for (const f of all) to.u32(f % 2 === 0 ? SHORT : PRACTISING)
  })
  section(module, TABLES, (to) => {
    write(to, 1, FUNCREF_CODE, 0)
    to.u32(all.length)
  })
  section(module, MEMORIES, (to) => write(to, 1, 0, 1))
  section(module, GLOBALS, (to) => write(to, 1, I32_CODE, 1, OP['i32.const'], 0, OP.end))
  section(module, EXPORTS, (to) => {
    to.u32(1)
    to.name(PRACTICE)
    to.byte(FUNCTION_KIND)
    to.u32(all.length - 1)
  })
  section(module, ELEMENTS, (to) => {
    write(to, 1, 0, OP['i32.const'], 0, OP.end)
    to.u32(all.length)
    for (const f of all) to.u32(f)
  })
  section(module, CODE, (to) => {
    to.u32(all.length)
    for (const f of all) to.sized(f % 2 === 0 ? shortBody(f) : practisingBody(f))
  })
  section(module, DATA, (to) => {
    write(to, 1, 0, OP['i32.const'], 0, OP.end)
    to.name('constants of a contract')
  })
  return module.finish()
}

function section(module: Writer, id: number, content: (to: Writer) => void): void {
  const writer = new Writer()
  content(writer)
  module.byte(id)
  module.sized(writer.finish())
}

function write(to: Writer, ...bytes: readonly number[]): void {
  for (const byte of bytes) to.byte(byte)
}

/**
 * A function of few instructions, as most are. Every other one has locals of its own.
 *
 * ```wat
 * (func (param $a i32) (param $b i32) (param $w i64) (local ...)
 *   (if (i32.gt_u (local.get $a) (local.get $b)) (then (return)))
 *   (i64.store offset=... (i32.add (i32.and (local.get $a) (i32.const 7)) (i32.const 64)) (local.get $w)))
 * ```
 */
function shortBody(f: number): Uint8Array {
  const to = new Writer()
  if (f % 4 === 0) write(to, 0)
  else write(to, 1, f, I64_CODE)
  write(to, OP['local.get'], 0, OP['local.get'], 1, OP['i32.gt_u'], OP.if, EMPTY_BLOCK_CODE, OP.return, OP.end)
  write(to, OP['local.get'], 0, OP['i32.const'], 7, OP['i32.and'])
  constant(to, 'i32', ADDRESS)
  write(to, OP['i32.add'], OP['local.get'], 2, OP['i64.store'], 0)
  to.u32(OFFSETS[f % OFFSETS.length]!)
  write(to, OP.end)
  return to.finish()
}

/**
 * A function that turns as often as it is told in a loop over two thirds of the table of instructions, some of them twice
 * in a row, and then has the one before it turn once.
 *
 * ```wat
 * (func (param $counter i32) (result i32) (local $number i32) (local $wide i64)
 *   (if (i32.eqz (local.get $counter)) (then (return (i32.const 7))))
 *   (loop $turn ... (br_if $turn (local.tee $counter (i32.sub (local.get $counter) (i32.const 1)))))
 *   (call $before (i32.const 1)))
 * ```
 */
function practisingBody(f: number): Uint8Array {
  const to = new Writer()
  write(to, 2, 1, I32_CODE, 1, I64_CODE)
  write(to, OP['local.get'], COUNTER, OP['i32.eqz'], OP.if, EMPTY_BLOCK_CODE)
  write(to, OP['i32.const'], 7, OP.return, OP.end)
  write(to, OP.loop, EMPTY_BLOCK_CODE)
  let written = 0
  for (const info of INSTRUCTIONS) {
    if (info === undefined || !isPractised(info) || (info.op + f) % 3 === 0) continue
    compute(to, info, f + info.op)
    if (++written % INSTRUCTIONS_A_WAY === 0) way(to, f + written / INSTRUCTIONS_A_WAY, f)
  }
  write(to, OP['local.get'], COUNTER, OP['i32.const'], 1, OP['i32.sub'], OP['local.tee'], COUNTER, OP.br_if, 0, OP.end)
  if (f < 2) write(to, OP['local.get'], NUMBER)
  else {
    write(to, OP['i32.const'], 1, OP.call)
    to.u32(f - 2)
  }
  write(to, OP.end)
  return to.finish()
}

/** Instructions that compute, or read and write memory: contracts hardly change tables. */
function isPractised({ signature, immediates, feature, op }: InstructionInfo): boolean {
  if (signature === null || feature === 'float') return false
  if (signature.params.includes('funcref') || signature.results.includes('funcref')) return false
  if (immediates === 'none') return op !== OP.nop
  return immediates === 'memory-argument' || op === OP['memory.copy'] || op === OP['memory.fill']
}

/** An instruction with operands that are locals or constants, whose result goes to a local. */
function compute(to: Writer, { op, immediates, signature }: InstructionInfo, turn: number): void {
  const { params, results } = signature!
  const bulk = op >= PREFIXED_BASE
  for (const [i, type] of params.entries()) {
    if (bulk) constant(to, type, CONSTANTS[0])
    else if (immediates === 'memory-argument' && i === 0) constant(to, type, ADDRESS)
    else if (i === 0 && turn % 4 !== 0) write(to, OP['local.get'], type === 'i32' ? NUMBER : WIDE)
    else constant(to, type, CONSTANTS[turn % CONSTANTS.length]!)
  }
  if (bulk) write(to, PREFIX, op - PREFIXED_BASE, 0)
  else write(to, op)
  if (op === OP['memory.copy']) write(to, 0)
  if (immediates === 'memory-argument') {
    write(to, 0)
    to.u32(OFFSETS[turn % OFFSETS.length]!)
  }
  for (const type of results) write(to, OP['local.set'], type === 'i32' ? NUMBER : WIDE)
}

function constant(to: Writer, type: ValueType, value: number): void {
  if (type === 'i32') {
    write(to, OP['i32.const'])
    to.s32(value)
  } else {
    write(to, OP['i64.const'])
    to.s64(value, value % 3)
  }
}

/** One of the ways that control takes. */
function way(to: Writer, kind: number, f: number): void {
  switch (kind % 8) {
    case 0: // out of a block, from two places
      write(to, OP.block, EMPTY_BLOCK_CODE, OP['local.get'], NUMBER, OP['i32.eqz'], OP.br_if, 0)
      write(to, OP['local.get'], WIDE, OP['local.get'], NUMBER, OP['i64.extend_i32_u'], OP['i64.lt_u'], OP.br_if, 0)
      write(to, OP['i32.const'], 1, OP['local.set'], NUMBER, OP.end)
      return
    case 1: // one of two values
      write(to, OP['local.get'], NUMBER, OP['i32.const'], 7, OP['i32.lt_u'], OP.if, I32_CODE)
      write(to, OP['local.get'], COUNTER, OP.else, OP['global.get'], 0, OP.end, OP['local.set'], NUMBER)
      return
    case 2: // by a table
      write(
        to,
        OP.block,
        EMPTY_BLOCK_CODE,
        OP.block,
        EMPTY_BLOCK_CODE,
        OP['local.get'],
        NUMBER,
        OP.br_table,
        2,
        0,
        1,
        1,
      )
      write(to, OP.end, OP['i32.const'], 2, OP['global.set'], 0, OP.end)
      return
    case 3:
      write(to, OP['local.get'], NUMBER, OP['local.get'], COUNTER, OP['local.get'], NUMBER, OP.select)
      write(to, OP['local.tee'], NUMBER, OP.drop)
      return
    case 4: // through the table, to a function that goes back at once
      write(to, OP['i32.const'], 0)
      constant(to, 'i32', f)
      write(to, OP.call_indirect, PRACTISING, 0, OP['local.set'], NUMBER)
      return
    case 5:
      write(to, OP['i32.const'], 0, OP['memory.grow'], 0, OP['memory.size'], 0, OP['i32.add'], OP['local.set'], NUMBER)
      return
    case 6: // out of a block with a value that something lies below
      write(to, OP.block, I32_CODE, OP['local.get'], COUNTER, OP['local.get'], NUMBER, OP['local.get'], COUNTER)
      write(to, OP.br_if, 0, OP['i32.add'], OP.end, OP['local.set'], NUMBER)
      return
    default: // with operands below the arguments
      write(to, OP['local.get'], NUMBER, OP['local.get'], COUNTER, OP['local.get'], NUMBER, OP['local.get'], WIDE)
      write(to, OP.call)
      to.u32(f - 1)
      write(to, OP['local.set'], NUMBER)
  }
}
