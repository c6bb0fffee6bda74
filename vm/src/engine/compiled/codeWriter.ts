/** Writes instructions of a rewritten body, and where they come from. */
import { valueTypeCode } from '../../binary/encodeCode.ts'
import { EMPTY_BLOCK_CODE, FUNCREF_CODE, I32_CODE, I64_CODE } from '../../binary/formatCodes.ts'
import { OP, PREFIX, PREFIXED_BASE } from '../../binary/opcodes.ts'
import type { ValueType } from '../../binary/types.ts'
import { Writer } from '../../binary/writer.ts'

const {
  unreachable: UNREACHABLE,
  if: IF,
  end: END,
  'local.get': LOCAL_GET,
  'local.set': LOCAL_SET,
  'local.tee': LOCAL_TEE,
  'global.set': GLOBAL_SET,
  'i32.const': I32_CONST,
  'i64.const': I64_CONST,
  'i64.lt_s': I64_LT_S,
  'ref.null': REF_NULL,
} = OP

/** The kind of a place in rewritten code. */
export type Origin =
  /** Original code, byte for byte, from the given offset on. */
  | 0
  /** The code that one original instruction became. */
  | 1
  /** A fuel check. */
  | 2
  /** A stack check. */
  | 3
  /** A floating-point instruction, which traps. */
  | 4
  /** Code that only a failure of the host reaches. */
  | 5

export const COPIED = 0
export const TRANSLATED = 1
export const FUEL_CHECK = 2
export const STACK_CHECK = 3
export const FLOAT = 4
export const HOST_FAULT = 5

/** Why code that was put in traps. */
export type TrapReason = Exclude<Origin, 0 | 1>

/** Words per entry of {@link CodeWriter.origins}: place in the code, origin, offset in the original module. */
export const ORIGIN_WORDS = 3

/** Unsigned integers below it have one byte in LEB128. */
export const ONE_BYTE_LEB = 0x80

const SHORT = 48
/** Bytes of a buffer that is kept for the next module. */
const MOST_KEPT = 1 << 20

export class CodeWriter extends Writer {
  /** Places ascend; each entry holds up to the next. */
  origins = new Int32Array(1024)
  originsLength = 0
  private reasonGlobal = 0

  origin(kind: Origin, originalOffset: number): void {
    if (this.originsLength + ORIGIN_WORDS > this.origins.length) {
      const wider = new Int32Array(this.origins.length * 2)
      wider.set(this.origins)
      this.origins = wider
    }
    const { origins } = this
    const at = this.originsLength
    origins[at] = this.length
    origins[at + 1] = kind
    origins[at + 2] = originalOffset
    this.originsLength = at + ORIGIN_WORDS
  }

  copy(bytes: Uint8Array, from: number, to: number): void {
    if (to - from > SHORT) {
      this.raw(bytes.subarray(from, to))
      return
    }
    this.reserve(SHORT)
    const { bytes: target } = this
    let { length } = this
    for (let at = from; at < to; at++) target[length++] = bytes[at]!
    this.length = length
  }

  patch(at: number, byte: number): void {
    this.bytes[at] = byte
  }

  withIndex(op: number, index: number): void {
    this.reserve(2)
    this.bytes[this.length++] = op
    if (index < ONE_BYTE_LEB) this.bytes[this.length++] = index
    else this.u32(index)
  }

  /** An instruction behind the prefix, without its immediates. */
  prefixed(op: number): void {
    this.byte(PREFIX)
    this.u32(op - PREFIXED_BASE)
  }

  /** Copies what another writer has written between two places. */
  copyWritten(from: CodeWriter, start: number, end: number): void {
    this.copy(from.bytes, start, end)
  }

  /** Begins anew, in the same buffers unless they are large. */
  restart(reasonGlobal: number): void {
    this.reasonGlobal = reasonGlobal
    this.length = 0
    this.originsLength = 0
    if (this.bytes.length > MOST_KEPT) this.bytes = new Uint8Array(256)
    if (this.origins.length > MOST_KEPT / 4) this.origins = new Int32Array(1024)
  }

  i32Const(value: number): void {
    this.byte(I32_CONST)
    this.s32(value | 0)
  }

  /** A whole number that a double holds exactly. */
  i64Const(value: number): void {
    this.byte(I64_CONST)
    if (value === (value | 0)) this.s32(value)
    else {
      const wide = BigInt(value)
      this.s64(Number(BigInt.asIntN(32, wide)), Number(wide >> 32n))
    }
  }

  /** Zero, or no reference, for each of these types, none of which is a float. */
  zeros(types: readonly ValueType[]): void {
    for (const type of types) {
      if (type === 'funcref') {
        this.byte(REF_NULL)
        this.byte(valueTypeCode(type))
      } else if (type === 'i32') this.i32Const(0)
      else this.i64Const(0)
    }
  }

  localGet(index: number): void {
    this.withIndex(LOCAL_GET, index)
  }

  localSet(index: number): void {
    this.withIndex(LOCAL_SET, index)
  }

  localTee(index: number): void {
    this.withIndex(LOCAL_TEE, index)
  }

  /**
   * Traps, and leaves in a global why: the host has one word for every `unreachable`, and what it tells of the place is
   * for people only. Not where fuel runs out, which is checked so often that the store would cost a tenth of a
   * recursion: that it was fuel, and no other trap, changes no outcome.
   */
  trap(reason: TrapReason): void {
    if (reason !== FUEL_CHECK) {
      this.i32Const(reason)
      this.withIndex(GLOBAL_SET, this.reasonGlobal)
    }
    this.byte(UNREACHABLE)
  }

  /** Traps when the i32 on the stack is not 0. */
  trapIf(reason: TrapReason): void {
    this.byte(IF)
    this.byte(EMPTY_BLOCK_CODE)
    this.trap(reason)
    this.byte(END)
  }

  /** Traps when the i64 on the stack, which is fuel, is negative. */
  trapIfNegative(): void {
    this.i64Const(0)
    this.byte(I64_LT_S)
    this.trapIf(FUEL_CHECK)
  }

  /** Locals of a body: declared ones, with integers for floats, then temporaries. */
  locals(declared: readonly ValueType[], temporaries: readonly ValueType[], leastBytes = 0): void {
    const own = declared.length
    const all = own + temporaries.length
    const at = this.length
    // The number of runs is told first: one byte for it unless there are more.
    this.byte(0)
    let runs = 0
    for (let i = 0; i < all; ) {
      const code = localCode(i < own ? declared[i]! : temporaries[i - own]!)
      let end = i + 1
      while (end < all && localCode(end < own ? declared[end]! : temporaries[end - own]!) === code) end++
      this.u32(end - i)
      this.byte(code)
      runs++
      i = end
    }
    const missing = leastBytes - (this.length - at)
    if (missing > 0) {
      runs += (missing + 1) >> 1
      this.raw(NO_LOCALS.subarray(0, (missing + 1) & ~1))
    }
    if (runs < ONE_BYTE_LEB) {
      this.bytes[at] = runs
      return
    }
    const written = this.bytes.slice(at + 1, this.length)
    this.length = at
    this.u32(runs)
    this.raw(written)
  }
}

/** Runs of no local each. */
const NO_LOCALS = Uint8Array.from({ length: 1024 }, (_, i) => (i % 2 === 0 ? 0 : I32_CODE))

function localCode(type: ValueType): number {
  switch (type) {
    case 'i32':
    case 'f32':
      return I32_CODE
    case 'i64':
    case 'f64':
      return I64_CODE
    case 'funcref':
      return FUNCREF_CODE
  }
}
