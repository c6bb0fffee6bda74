/**
 * The instructions of the interpreter's core, by name. Lowering writes their numbers, and the program that makes the
 * core (vm/core) writes a handler for each: both go by the lists here, so a number means the same to both.
 *
 * An instruction is a row of 32-bit words: its number, its inputs, and where its result goes, if it has one. Inputs are
 *
 *   s, S   offset of a slot of the frame in bytes, read as i32 or as i64
 *   i, I   a constant of type i32, or one of i64 that 32 bits hold with their sign
 *   w      a word that the handler itself knows what to do with
 *
 * A *fused* instruction is a chain of plain ones, `first>second:k`: what the first computes is input k of the second and
 * is never written to a slot; with `:-` the second just follows the first. Its words are those of its members one after
 * the other, without the result and the input that became one.
 */
import { FUSED } from './fused.ts'

/** Operators of both integer types, in the order of their opcodes from i32.add (0x6a) and i64.add (0x7c) on. */
export const BINARY = [
  ...['add', 'sub', 'mul', 'div_s', 'div_u', 'rem_s', 'rem_u', 'and', 'or', 'xor', 'shl', 'shr_s', 'shr_u'],
  ...['rotl', 'rotr'],
]
/** In the order of their opcodes from i32.eq (0x46) and i64.eq (0x51) on. */
export const COMPARISONS = ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u']
/** Of one operand, by opcode. */
export const UNARY: readonly (readonly [opcode: number, name: string])[] = [
  [0x45, 'i32.eqz'],
  [0x50, 'i64.eqz'],
  [0x67, 'i32.clz'],
  [0x68, 'i32.ctz'],
  [0x69, 'i32.popcnt'],
  [0x79, 'i64.clz'],
  [0x7a, 'i64.ctz'],
  [0x7b, 'i64.popcnt'],
  [0xac, 'i64.extend_i32_s'],
  [0xad, 'i64.extend_i32_u'],
  [0xc0, 'i32.extend8_s'],
  [0xc1, 'i32.extend16_s'],
  [0xc2, 'i64.extend8_s'],
  [0xc3, 'i64.extend16_s'],
  [0xc4, 'i64.extend32_s'],
]
export const LOADS: readonly (readonly [opcode: number, name: string])[] = [
  [0x28, 'i32.load'],
  [0x29, 'i64.load'],
  [0x2c, 'i32.load8_s'],
  [0x2d, 'i32.load8_u'],
  [0x2e, 'i32.load16_s'],
  [0x2f, 'i32.load16_u'],
  [0x30, 'i64.load8_s'],
  [0x31, 'i64.load8_u'],
  [0x32, 'i64.load16_s'],
  [0x33, 'i64.load16_u'],
  [0x34, 'i64.load32_s'],
  [0x35, 'i64.load32_u'],
]
export const STORES: readonly (readonly [opcode: number, name: string])[] = [
  [0x36, 'i32.store'],
  [0x37, 'i64.store'],
  [0x3a, 'i32.store8'],
  [0x3b, 'i32.store16'],
  [0x3c, 'i64.store8'],
  [0x3d, 'i64.store16'],
  [0x3e, 'i64.store32'],
]

export interface Operation {
  readonly name: string
  /** One letter an input, as above. */
  readonly inputs: string
  /** Type of the result; null for none. Slots that are only moved are of type i64. */
  readonly result: 'i32' | 'i64' | null
}

function plainOperations(): Operation[] {
  const list: Operation[] = []
  const add = (name: string, inputs: string, result: Operation['result']): void =>
    void list.push({ name, inputs, result })
  for (const type of ['i32', 'i64'] as const) {
    const [slot, constant] = type === 'i32' ? ['s', 'i'] : ['S', 'I']
    for (const name of BINARY) {
      add(`${type}.${name}.rr`, slot + slot, type)
      add(`${type}.${name}.ri`, slot + constant, type)
    }
    for (const name of COMPARISONS) {
      add(`${type}.${name}.rr`, slot + slot, 'i32')
      add(`${type}.${name}.ri`, slot + constant, 'i32')
    }
    // Whether it is not zero: what eqz of eqz is.
    add(`${type}.nez`, slot, 'i32')
  }
  for (const [, name] of UNARY) {
    const from = name.startsWith('i64') && !name.includes('_i32_') ? 'S' : 's'
    add(name, from, name.endsWith('eqz') ? 'i32' : name.startsWith('i32') ? 'i32' : 'i64')
  }
  for (const [, name] of LOADS) add(name, 'sw', name.startsWith('i32') ? 'i32' : 'i64')
  for (const [, name] of STORES) add(name, name.startsWith('i32') ? 'ssw' : 'sSw', null)
  add('mov', 'S', 'i64')
  // Offsets of the first slot that is read and of the first that is written, below it; and how many.
  add('mov.down', 'www', null)
  add('i32.const', 'i', 'i32')
  add('i64.const', 'I', 'i64')
  // Its halves.
  add('i64.const_wide', 'ww', 'i64')
  // The first where the third is not zero, else the second.
  add('select', 'SSs', 'i64')
  // With the address of the global.
  add('global.get', 'w', 'i64')
  add('global.set', 'Sw', null)
  add('memory.size', '', 'i32')
  // Words of a branch: where to, its charge, and the charge when it goes on.
  add('br_nez', 'swww', null)
  add('br', 'ww', null)
  // Highest index, then address and charge of each target.
  add('br_table', 'sw', null)
  add('charge', 'w', null)
  // Header of the callee, offset of its frame, charge afterwards.
  add('call.plain', 'www', null)
  add('call.counted', 'www', null)
  // Index, type, table, offset of the callee's frame, end of the caller's, charge afterwards.
  add('call_indirect', 'swwwww', null)
  // Header, offset of the arguments, how many, offset of the frame's record.
  add('return_call.plain', 'wwww', null)
  add('return_call.counted', 'wwww', null)
  // Index, type, table, offset of the arguments, how many, offset of the frame's record.
  add('return_call_indirect', 'swwwww', null)
  // Function, offset of the arguments, end of the caller's frame.
  add('call.import', 'www', null)
  // Offset of the frame's record; the value; or the offset of the values and how many.
  add('return', 'w', null)
  add('return.value', 'Sw', null)
  add('return.values', 'www', null)
  // To, from or value, how many bytes, fuel per byte.
  add('memory.copy', 'sssw', null)
  add('memory.fill', 'sssw', null)
  // An instruction that JavaScript executes: opcode, its two immediates, offset of its operands, fuel per unit.
  add('outside', 'wwwww', null)
  // The number of the trap.
  add('trap', 'w', null)
  // Ends an execution: of the host's, or by an exit of the core's own.
  add('done', '', null)
  add('exit', '', null)
  return list
}

export const PLAIN: readonly Operation[] = plainOperations()

export interface Member {
  readonly operation: Operation
  /** The input that the member before computes; null when it only follows. */
  readonly from: number | null
}

const BY_NAME: ReadonlyMap<string, Operation> = new Map(PLAIN.map((operation) => [operation.name, operation]))

export function membersOf(name: string): Member[] {
  return name.split('>').map((text, i) => {
    const [plain, from] = i === 0 ? [text, '-'] : (text.split(':') as [string, string])
    return { operation: BY_NAME.get(plain!)!, from: from === '-' ? null : Number(from) }
  })
}

/** All instructions; their place is their number. */
export const NAMES: readonly string[] = [...PLAIN.map(({ name }) => name), ...FUSED]

const NUMBERS: ReadonlyMap<string, number> = new Map(NAMES.map((name, i) => [name, i]))

/** @throws when there is none of the name. */
export function operation(name: string): number {
  const found = NUMBERS.get(name)
  if (found === undefined) throw new Error(`the core has no instruction ${name}`)
  return found
}

/** In place of an input: the second instruction only follows. */
export const FOLLOWS = 3

const PAIRS: ReadonlyMap<number, number> = new Map(
  FUSED.map((name) => {
    const cut = name.lastIndexOf('>')
    const [second, from] = name.slice(cut + 1).split(':') as [string, string]
    const [first, last] = [operation(name.slice(0, cut)), operation(second)]
    return [pairKey(first, last, from === '-' ? FOLLOWS : Number(from)), operation(name)]
  }),
)

function pairKey(first: number, second: number, from: number): number {
  return (first * 4096 + second) * 4 + from
}

/** Number of the fused instruction of two, -1 when there is none. */
export function fused(first: number, second: number, from: number): number {
  return PAIRS.get(pairKey(first, second, from)) ?? -1
}

const OPPOSITE: Readonly<Record<string, string>> = {
  eq: 'ne',
  ne: 'eq',
  lt_s: 'ge_s',
  lt_u: 'ge_u',
  gt_s: 'le_s',
  gt_u: 'le_u',
  le_s: 'gt_s',
  le_u: 'gt_u',
  ge_s: 'lt_s',
  ge_u: 'lt_u',
  eqz: 'nez',
  nez: 'eqz',
}

/** The instruction that computes the opposite of a comparison; null for what compares nothing. */
export function oppositeName(name: string): string | null {
  const match = /^(.*\bi(?:32|64)\.)([a-z_]+)((?:\.r[ri])?(?::[0-9-])?)$/.exec(name)
  const opposite = match === null ? undefined : OPPOSITE[match[2]!]
  return opposite === undefined ? null : `${match![1]}${opposite}${match![3]}`
}

/** Per number: that of the opposite; -1 where there is none. */
export const OPPOSITES: Int16Array = Int16Array.from(NAMES, (name) => NUMBERS.get(oppositeName(name) ?? '') ?? -1)
