/** Where a variable is at an instruction (DWARF 5, section 2.5; WebAssembly/tool-conventions, "DWARF for WebAssembly"). */
import type { DebugEntries, DebugUnit } from './debugEntries.ts'
import { DwarfReader } from './dwarfReader.ts'
import { MAX_EXPRESSION_BYTES, MAX_PART_BYTES } from './limits.ts'

/** A stopped execution, as far as expressions ask for it; null of what is not there. */
export interface StoppedMachine {
  local(index: number): bigint | null
  global(index: number): bigint | null
  operand(index: number): bigint | null
  /** Null where it is not whole in the memory. */
  read(at: number, length: number): Uint8Array | null
}

/** Bytes in memory, or known without one; several parts, each with its length, follow each other. */
export type Location =
  | { readonly kind: 'memory'; readonly at: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'parts'; readonly parts: readonly { readonly length: number; readonly at: Location | null }[] }

/** Bytes of a value that stands in a local, and of parts together. */
const VALUE_BYTES = 16
const MOST_STACK = 64

const OP = {
  ...{ addr: 0x03, deref: 0x06, const1u: 0x08, const8s: 0x0f, constu: 0x10, consts: 0x11, dup: 0x12, drop: 0x13 },
  ...{ over: 0x14, pick: 0x15, swap: 0x16, rot: 0x17, abs: 0x19, and: 0x1a, div: 0x1b, minus: 0x1c, mod: 0x1d },
  ...{ mul: 0x1e, neg: 0x1f, not: 0x20, or: 0x21, plus: 0x22, plusUconst: 0x23, shl: 0x24, shr: 0x25, shra: 0x26 },
  ...{ xor: 0x27, eq: 0x29, ge: 0x2a, gt: 0x2b, le: 0x2c, lt: 0x2d, ne: 0x2e, lit0: 0x30, lit31: 0x4f, fbreg: 0x91 },
  ...{ piece: 0x93, derefSize: 0x94, nop: 0x96, bitPiece: 0x9d, implicitValue: 0x9e, stackValue: 0x9f, addrx: 0xa1 },
  ...{ constx: 0xa2, convert: 0xa8, wasmLocation: 0xed },
} as const
const WASM = { local: 0, global: 1, operand: 2, wideGlobal: 3 }

export interface ExpressionContext {
  readonly entries: DebugEntries
  readonly unit: DebugUnit
  readonly machine: StoppedMachine
  /** An address, where the function's frame is; null where that is not known. */
  readonly frameBase: number | null
}

/** It uses what is not read, or what the machine does not have. */
class Unknown extends Error {}

/** Null where the variable has no place now, or one that is not read. @throws SyntaxError when it is damaged */
export function locationOf(expression: Uint8Array, context: ExpressionContext): Location | null {
  if (expression.length > MAX_EXPRESSION_BYTES) return null
  try {
    return evaluate(expression, context)
  } catch (error) {
    if (error instanceof Unknown) return null
    throw error
  }
}

function evaluate(expression: Uint8Array, context: ExpressionContext): Location | null {
  const { entries, unit, machine, frameBase } = context
  const reader = new DwarfReader(expression, '.debug_info (an expression)')
  const stack: bigint[] = []
  const parts: { readonly length: number; readonly at: Location | null }[] = []
  let known: Location | null = null
  const push = (value: bigint | null) => {
    if (value === null) throw new Unknown()
    if (stack.length >= MOST_STACK) throw reader.wrong('it pushes too much')
    stack.push(BigInt.asUintN(64, value))
  }
  const pop = () => {
    const value = stack.pop()
    if (value === undefined) throw reader.wrong('it takes what is not there')
    return value
  }
  const at = (index: number) => stack.at(-1 - index) ?? null
  const signed = (value: bigint) => BigInt.asIntN(64, value)
  const top = (): Location | null => {
    if (known !== null) return known
    const value = stack.pop()
    return value === undefined ? null : { kind: 'memory', at: Number(BigInt.asUintN(32, value)) }
  }
  const two = (compute: (left: bigint, right: bigint) => bigint | boolean) => {
    const right = pop()
    const value = compute(pop(), right)
    push(typeof value === 'boolean' ? BigInt(value) : value)
  }
  const deref = (size: number) => {
    const bytes = machine.read(Number(BigInt.asUintN(32, pop())), size)
    push(bytes === null ? null : numberOf(bytes))
  }
  while (!reader.isAtEnd) {
    const op = reader.u8()
    if (op >= OP.lit0 && op <= OP.lit31) push(BigInt(op - OP.lit0))
    else if (op >= OP.const1u && op <= OP.const8s) {
      const bytes = 2 ** ((op - OP.const1u) >> 1)
      const value = bytes === 8 ? reader.u64() : BigInt(reader.uint(bytes))
      push((op & 1) === 0 ? value : BigInt.asIntN(8 * bytes, value))
    } else {
      switch (op) {
        case OP.addr:
          push(BigInt(reader.u32()))
          break
        case OP.addrx:
        case OP.constx:
          push(BigInt(entries.addressAt(unit, reader.unsigned())))
          break
        case OP.wasmLocation:
          push(wasmValue(reader, machine))
          break
        case OP.fbreg: {
          const offset = reader.signed()
          push(frameBase === null ? null : BigInt(frameBase + offset))
          break
        }
        case OP.stackValue:
          known = { kind: 'bytes', bytes: bytesOf(pop()) }
          break
        case OP.implicitValue:
          known = { kind: 'bytes', bytes: reader.bytes(reader.unsigned()) }
          break
        case OP.piece:
        case OP.bitPiece: {
          const bits = op === OP.piece ? 8 * reader.unsigned() : reader.unsigned()
          const skipped = op === OP.piece ? 0 : reader.unsigned()
          if (bits % 8 !== 0 || skipped !== 0) throw new Unknown()
          const length = bits / 8
          const total = parts.reduce((sum, part) => sum + part.length, length)
          if (total > MAX_PART_BYTES) throw reader.wrong(`its parts have more than ${MAX_PART_BYTES} bytes`)
          parts.push({ length, at: top() })
          known = null
          break
        }
        case OP.deref:
          deref(4)
          break
        case OP.derefSize:
          deref(Math.min(reader.u8(), 8))
          break
        case OP.constu:
          push(reader.unsignedBig())
          break
        case OP.consts:
          push(reader.signedBig())
          break
        case OP.plusUconst:
          push(pop() + reader.unsignedBig())
          break
        case OP.convert:
          // Between integers: a wider value has the narrower one in it.
          reader.unsigned()
          break
        case OP.dup:
          push(at(0))
          break
        case OP.over:
          push(at(1))
          break
        case OP.pick:
          push(at(reader.u8()))
          break
        case OP.drop:
          pop()
          break
        case OP.swap: {
          const [first, second] = [pop(), pop()]
          push(first)
          push(second)
          break
        }
        case OP.rot: {
          const [first, second, third] = [pop(), pop(), pop()]
          push(first)
          push(third)
          push(second)
          break
        }
        case OP.abs: {
          const value = signed(pop())
          push(value < 0n ? -value : value)
          break
        }
        case OP.neg:
          push(-pop())
          break
        case OP.not:
          push(~pop())
          break
        case OP.nop:
          break
        default: {
          const compute = TWO[op]
          if (compute === undefined) throw new Unknown()
          two((left, right) => compute(signed(left), signed(right)))
        }
      }
    }
  }
  return parts.length > 0 ? { kind: 'parts', parts } : top()
}

const TWO: Readonly<Record<number, (left: bigint, right: bigint) => bigint | boolean>> = {
  [OP.and]: (left, right) => left & right,
  [OP.or]: (left, right) => left | right,
  [OP.xor]: (left, right) => left ^ right,
  [OP.plus]: (left, right) => left + right,
  [OP.minus]: (left, right) => left - right,
  [OP.mul]: (left, right) => left * right,
  [OP.div]: (left, right) => left / nonZero(right),
  [OP.mod]: (left, right) => BigInt.asUintN(64, left) % nonZero(BigInt.asUintN(64, right)),
  [OP.shl]: (left, right) => left << (right & 63n),
  [OP.shr]: (left, right) => BigInt.asUintN(64, left) >> (right & 63n),
  [OP.shra]: (left, right) => left >> (right & 63n),
  [OP.eq]: (left, right) => left === right,
  [OP.ge]: (left, right) => left >= right,
  [OP.gt]: (left, right) => left > right,
  [OP.le]: (left, right) => left <= right,
  [OP.lt]: (left, right) => left < right,
  [OP.ne]: (left, right) => left !== right,
}

function nonZero(value: bigint): bigint {
  if (value === 0n) throw new Unknown()
  return value
}

function wasmValue(reader: DwarfReader, machine: StoppedMachine): bigint | null {
  const kind = reader.u8()
  if (kind === WASM.wideGlobal) return machine.global(reader.u32())
  const index = reader.unsigned()
  if (kind === WASM.local) return machine.local(index)
  if (kind === WASM.global) return machine.global(index)
  return kind === WASM.operand ? machine.operand(index) : null
}

export function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

export function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(VALUE_BYTES)
  let left = BigInt.asUintN(8 * VALUE_BYTES, value)
  for (let i = 0; i < VALUE_BYTES; i++, left >>= 8n) bytes[i] = Number(left & 255n)
  return bytes
}

/** The bytes of a part of it; null where they are not there. */
export function readLocation(
  location: Location | null,
  offset: number,
  length: number,
  machine: StoppedMachine,
): Uint8Array | null {
  const at = partOf(location, offset)
  if (at === null) return null
  if (at.kind === 'memory') return machine.read(at.at, length)
  if (at.kind === 'bytes') return length <= at.bytes.length ? at.bytes.subarray(0, length) : null
  const bytes = new Uint8Array(Math.min(length, MAX_PART_BYTES))
  let done = 0
  for (const part of at.parts) {
    if (done === length) break
    const own = readLocation(part.at, 0, Math.min(part.length, length - done), machine)
    if (own === null) return null
    bytes.set(own, done)
    done += own.length
  }
  return done === length ? bytes : null
}

export function partOf(location: Location | null, offset: number): Location | null {
  if (location === null || !(offset >= 0)) return null
  if (location.kind === 'memory') return { kind: 'memory', at: location.at + offset }
  if (location.kind === 'bytes')
    return offset > location.bytes.length ? null : { kind: 'bytes', bytes: location.bytes.subarray(offset) }
  let left = offset
  for (const [i, { length, at }] of location.parts.entries()) {
    if (left < length) {
      const first = { length: length - left, at: left === 0 ? at : partOf(at, left) }
      return { kind: 'parts', parts: [first, ...location.parts.slice(i + 1)] }
    }
    left -= length
  }
  return null
}
