/** Writes the code that charges for all turns of a counted loop before it is entered (metering/countedLoops.ts). */

import { EMPTY_BLOCK_CODE } from '../../binary/formatCodes.ts'
import { OP } from '../../binary/opcodes.ts'
import type { Amount, CountedLoop } from '../../metering/countedLoops.ts'
import { inverseOfOdd } from '../../metering/countTurns.ts'
import { type CodeWriter, FUEL_CHECK } from './codeWriter.ts'

const {
  loop: LOOP,
  if: IF,
  end: END,
  br: BR,
  'i32.eqz': I32_EQZ,
  'i32.ne': I32_NE,
  'i32.le_s': I32_LE_S,
  'i32.add': I32_ADD,
  'i32.sub': I32_SUB,
  'i32.mul': I32_MUL,
  'i32.div_u': I32_DIV_U,
  'i32.and': I32_AND,
  'i32.shr_u': I32_SHR_U,
  'i64.add': I64_ADD,
  'i64.sub': I64_SUB,
  'i64.mul': I64_MUL,
  'i64.extend_i32_u': I64_EXTEND_I32_U,
} = OP

/** Locals of the body it is written in. */
export interface TurnLocals {
  readonly fuel: number
  /** Two i32 locals that are free. */
  readonly first: number
  readonly second: number
  /** Index of an original local. */
  moved(local: number): number
}

export function chargeTurns(writer: CodeWriter, counted: CountedLoop, locals: TurnLocals): void {
  new TurnCharge(writer, counted, locals).charge()
}

class TurnCharge {
  private readonly writer: CodeWriter
  private readonly counted: CountedLoop
  private readonly locals: TurnLocals

  constructor(writer: CodeWriter, counted: CountedLoop, locals: TurnLocals) {
    this.writer = writer
    this.counted = counted
    this.locals = locals
  }

  /**
   * Charges for all turns of a counted loop before it is entered. A loop that never ends traps here, or is charged until
   * nothing is left.
   */
  charge(): void {
    const { writer, counted } = this
    const { first, second } = this.locals
    const { step, goesOn, cost } = counted
    if (goesOn === I32_NE) {
      this.chargeUnequal()
      return
    }
    const up = step.kind === 'local' || step.value > 0
    const byOne = step.kind === 'constant' && Math.abs(step.value) === 1
    // lt_s to gt_u come before le_s to ge_u.
    const strict = goesOn < I32_LE_S
    // By steps of 1 up to a bound that is left out, the counter meets the bound and cannot pass it.
    const once = byOne && strict
    this.pushTested()
    writer.localSet(first)
    if (!once) writer.withIndex(LOOP, EMPTY_BLOCK_CODE)
    writer.localGet(first)
    this.pushBound()
    writer.byte(goesOn)
    writer.withIndex(IF, EMPTY_BLOCK_CODE)
    // Turns until the counter meets or passes the bound: second + 1.
    if (up) this.pushBound()
    else writer.localGet(first)
    if (up) writer.localGet(first)
    else this.pushBound()
    writer.byte(I32_SUB)
    if (strict) {
      writer.i32Const(1)
      writer.byte(I32_SUB)
    }
    if (!byOne) {
      // A loop whose step is 0 never ends.
      if (step.kind === 'constant') writer.i32Const(Math.abs(step.value))
      else {
        this.pushAmount(step)
        writer.byte(I32_EQZ)
        writer.trapIf(FUEL_CHECK)
        this.pushAmount(step)
      }
      writer.byte(I32_DIV_U)
    }
    writer.localSet(second)
    writer.localGet(this.locals.fuel)
    writer.localGet(second)
    writer.byte(I64_EXTEND_I32_U)
    writer.i64Const(1)
    writer.byte(I64_ADD)
    this.payTurns(cost)
    if (!once) {
      // Past the bound the counter may have wrapped around, and the test hold again.
      writer.localGet(first)
      writer.localGet(second)
      writer.i32Const(1)
      writer.byte(I32_ADD)
      this.pushAmount(step)
      writer.byte(I32_MUL)
      writer.byte(I32_ADD)
      writer.localSet(first)
      writer.withIndex(BR, 1)
    }
    writer.byte(END)
    if (!once) writer.byte(END)
  }

  /** With fuel left and the number of turns on the stack. */
  private payTurns(cost: number): void {
    const { writer } = this
    if (cost !== 1) {
      writer.i64Const(cost)
      writer.byte(I64_MUL)
    }
    writer.byte(I64_SUB)
    writer.localTee(this.locals.fuel)
    writer.trapIfNegative()
  }

  /**
   * While x differs from the bound: n turns with |step| n = distance, modulo 2^32. With |step| = odd 2^q the distance
   * must be a multiple of 2^q, or the loop never ends; then n = (distance / 2^q) / odd, modulo 2^(32 - q).
   */
  private chargeUnequal(): void {
    const { writer, counted } = this
    const { first } = this.locals
    if (counted.step.kind === 'local') throw new Error('a step that is not constant comes with lt or le')
    const step = counted.step.value
    const size = Math.abs(step)
    const zeros = 31 - Math.clz32(size & -size)
    const odd = size >>> zeros
    if (step > 0) this.pushBound()
    else this.pushTested()
    if (step > 0) this.pushTested()
    else this.pushBound()
    writer.byte(I32_SUB)
    writer.localSet(first)
    if (zeros > 0) {
      writer.localGet(first)
      writer.i32Const((1 << zeros) - 1)
      writer.byte(I32_AND)
      writer.trapIf(FUEL_CHECK)
    }
    writer.localGet(this.locals.fuel)
    writer.localGet(first)
    if (zeros > 0) {
      writer.i32Const(zeros)
      writer.byte(I32_SHR_U)
    }
    if (odd !== 1) {
      writer.i32Const(inverseOfOdd(odd))
      writer.byte(I32_MUL)
      if (zeros > 0) {
        writer.i32Const(-1 >>> zeros)
        writer.byte(I32_AND)
      }
    }
    writer.byte(I64_EXTEND_I32_U)
    this.payTurns(counted.cost)
  }

  /** The value the loop tests on its first turn. */
  private pushTested(): void {
    const { writer } = this
    const { counter, step, stepFirst } = this.counted
    writer.localGet(this.locals.moved(counter))
    if (!stepFirst) return
    this.pushAmount(step)
    writer.byte(I32_ADD)
  }

  private pushBound(): void {
    this.pushAmount(this.counted.bound)
  }

  private pushAmount(amount: Amount): void {
    if (amount.kind === 'constant') this.writer.i32Const(amount.value)
    else this.writer.localGet(this.locals.moved(amount.index))
  }
}
