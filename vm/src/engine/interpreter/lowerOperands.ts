/**
 * Lowers instructions that only compute: operands and results get slots of the frame.
 *
 * A frame has the parameters and locals first, then its record (layout.ts), then a slot for each height of the operand
 * stack. Arguments of a call are the topmost operands, so the callee's frame begins at the first of them, above the
 * record, and its results come to stand there.
 */
import type { Module } from '../../binary/module.ts'
import { INSTRUCTIONS } from '../../binary/opcodes.ts'
import { perUnitCost } from '../../metering/charges.ts'
import type { Schedule } from '../../metering/schedule.ts'
import type { FunctionFacts } from '../../validate/validateFunction.ts'
import { Emitter } from './emitter.ts'
import { HEADER_BYTES, LEFT_TRAP, TRAPS } from './layout.ts'
import {
  CONST_32,
  CONST_64,
  CONST_WIDE,
  EQZ_32,
  GLOBAL_GET,
  GLOBAL_SET,
  MEMORY_COPY,
  MEMORY_FILL,
  MEMORY_SIZE,
  MOV,
  MOV_DOWN,
  OF_OPCODE,
  OUTSIDE,
  SELECT,
  TRAP,
  TURNED,
  WITH_CONSTANT,
} from './opcodes.ts'
import { CONSTANT_32, CONSTANT_64, IN_SLOT, LOCAL, OperandStack } from './operandStack.ts'

/** Bytes of a slot. */
export const SLOT = 8

/** The facts of the whole module that lowering needs; addresses are those of the machine it is lowered for. */
export interface LoweringContext {
  readonly module: Module
  readonly schedule: Schedule
  readonly facts: readonly FunctionFacts[]
  /** Address of the header of the first function defined in the module; of each global; of each table. */
  readonly headers: number
  readonly globals: readonly number[]
  readonly tables: readonly number[]
  /** 1 for a global that JavaScript reads and writes, since it lies in another machine. */
  readonly foreignGlobals: Uint8Array
  /** A number for each type, the same for equal types. */
  readonly typeNumbers: readonly number[]
  /** Per function defined in the module: 1 when the rule of the stack counts it. */
  readonly counted: Uint8Array
  /** The same: 1 when the host may be called before it returns; and for a call through a table. */
  readonly reachesHost: Uint8Array
  readonly indirectHost: boolean
}

/** Of a function defined in the module; it also stands for the function in slots and tables. */
export function headerAddress({ headers }: { readonly headers: number }, f: number): number {
  return headers + f * HEADER_BYTES
}

/**
 * The cell that stands for any other function: of the index space of imports, and from its end on others in the order
 * they were seen.
 */
export function foreignCell(number: number): number {
  return number * 2 + 1
}

export class OperandLowerer {
  readonly emitter = new Emitter()
  protected readonly context: LoweringContext
  protected readonly stack = new OperandStack()
  /** Where in the frame the slots of operands begin. */
  private operands = 0

  constructor(context: LoweringContext) {
    this.context = context
  }

  /** A function of so many parameters and locals. */
  protected begin(values: number, operands: number): void {
    this.operands = operands
    this.stack.clear(values)
    this.emitter.begin()
  }

  /** The slot of an operand of that height. */
  protected slotAt(height: number): number {
    return this.operands + height * SLOT
  }

  /** A slot in which operand `i` can be read: where a local lies, or its own. */
  protected slotOf(i: number): number {
    const { stack } = this
    if (stack.kind[i] === LOCAL) return stack.value[i]! * SLOT
    if (stack.kind[i] !== IN_SLOT) {
      this.copyTo(i, this.slotAt(i))
      stack.settle(i)
    }
    return this.slotAt(i)
  }

  /** Takes the topmost operand from the stack; a slot in which it can be read. */
  protected takeSlot(): number {
    const { stack } = this
    const slot = this.slotOf(stack.height - 1)
    stack.cutTo(stack.height - 1)
    return slot
  }

  private readonly settle = (i: number): void => this.copyTo(i, this.slotAt(i))

  protected settleAll(): void {
    this.stack.settleAll(this.settle)
  }

  /** Puts the topmost operands in their slots. */
  protected settleTop(count: number): void {
    const { stack } = this
    for (let i = stack.height - count; i < stack.height; i++) {
      if (stack.kind[i] === IN_SLOT) continue
      this.settle(i)
      stack.settle(i)
    }
  }

  /** Writes operand `i` to a slot. */
  protected copyTo(i: number, slot: number): void {
    const { stack, emitter } = this
    const value = stack.value[i]!
    switch (stack.kind[i]) {
      case CONSTANT_32:
        emitter.value(CONST_32, 0, [value], slot)
        return
      case CONSTANT_64:
        if (stack.isWide(i)) emitter.value(CONST_WIDE, 0, [value, stack.high[i]!], slot)
        else emitter.value(CONST_64, 0, [value], slot)
        return
      default: {
        const from = stack.kind[i] === LOCAL ? value * SLOT : this.slotAt(i)
        if (from !== slot) emitter.value(MOV, 1, [from], slot)
      }
    }
  }

  /**
   * Moves values in slots of the operand stack down, the lowest first: none is written over before it was read. All by one
   * instruction, since two bytes of a module may branch with as many values as a block can have.
   */
  protected moveDown(from: number, to: number, count: number): void {
    this.emitter.act(MOV_DOWN, 0, [this.slotAt(from), this.slotAt(to), count])
  }

  protected trap(code: (typeof TRAPS)[number]): void {
    this.emitter.act(TRAP, 0, [LEFT_TRAP + TRAPS.indexOf(code)])
  }

  protected compute(op: number, a: number, b: number): void {
    const { stack } = this
    switch (op) {
      case 0x1a: // drop
        stack.cutTo(stack.height - 1)
        return
      case 0x1b: // select
      case 0x1c: // select t
        this.select()
        return
      case 0x20: // local.get
        stack.push(LOCAL, a)
        return
      case 0x21: // local.set
        this.setLocal(a)
        return
      case 0x22: // local.tee
        this.setLocal(a)
        stack.push(LOCAL, a)
        return
      case 0x23: // global.get
        if (this.context.foreignGlobals[a] === 1) this.outside(op, a, b, 0, 1)
        else this.push(GLOBAL_GET, 0, [this.context.globals[a]!])
        return
      case 0x24: // global.set
        if (this.context.foreignGlobals[a] === 1) this.outside(op, a, b, 1, 0)
        else {
          const value = this.slotOf(stack.height - 1)
          stack.cutTo(stack.height - 1)
          this.emitter.act(GLOBAL_SET, 1, [value, this.context.globals[a]!])
        }
        return
      case 0x3f: // memory.size
        this.push(MEMORY_SIZE, 0, [])
        return
      case 0x41: // i32.const
        stack.push(CONSTANT_32, a)
        return
      case 0x42: // i64.const
        stack.push(CONSTANT_64, a, b)
        return
      case 0x45: // i32.eqz
      case 0x50: // i64.eqz
        this.isZero(op)
        return
      case 0xf0: // table.size
        // Its first word, read as a global of 64 bits: of a 32-bit number the upper half of a slot means nothing.
        this.push(GLOBAL_GET, 0, [this.context.tables[a]!])
        return
      case 0xa7: // i32.wrap_i64
        // The lower half of a slot is where it is.
        if (stack.kind[stack.height - 1] === CONSTANT_64) stack.kind[stack.height - 1] = CONSTANT_32
        return
      case 0xd0: // ref.null
        stack.push(CONSTANT_32, 0)
        return
      case 0xd1: // ref.is_null
        this.unary(EQZ_32)
        return
      case 0xd2: // ref.func
        stack.push(CONSTANT_32, this.cellOf(a))
        return
      case 0xea: // memory.copy
      case 0xeb: // memory.fill
        this.bulk(op)
        return
    }
    if (INSTRUCTIONS[op]!.feature === 'float') this.float(op)
    else if (WITH_CONSTANT[op]! >= 0) this.binary(op)
    else if (op >= 0x28 /* i32.load */ && op <= 0x35 /* i64.load32_u */) {
      const address = this.takeSlot()
      this.push(OF_OPCODE[op]!, 1, [address, a])
    } else if (op >= 0x36 /* i32.store */ && op <= 0x3e /* i64.store32 */) this.store(op, a)
    else if (OF_OPCODE[op]! >= 0) this.unary(OF_OPCODE[op]!)
    else this.outsideByTypes(op, a, b)
  }

  private cellOf(index: number): number {
    const { module } = this.context
    const f = index - module.importedFunctions
    return f < 0 ? foreignCell(index) : headerAddress(this.context, f)
  }

  /** An instruction whose result becomes the topmost operand. */
  private push(op: number, slots: number, inputs: readonly number[]): void {
    const { stack } = this
    this.emitter.value(op, slots, inputs, this.slotAt(stack.height))
    stack.push(IN_SLOT)
  }

  private unary(op: number): void {
    this.push(op, 1, [this.takeSlot()])
  }

  private isZero(op: number): void {
    const { emitter, stack } = this
    const slot = this.takeSlot()
    if (op === 0x45 /* i32.eqz */ && emitter.hasJustWritten(slot) && emitter.negate()) stack.push(IN_SLOT)
    else this.push(OF_OPCODE[op]!, 1, [slot])
  }

  private binary(op: number): void {
    const { stack, emitter } = this
    const y = stack.height - 1
    const x = y - 1
    const turned = TURNED[op]!
    if (this.isShort(y)) {
      const left = this.slotOf(x)
      const constant = stack.value[y]!
      stack.cutTo(x)
      const subtracts = op === 0x6b /* i32.sub */ || op === 0x7d /* i64.sub */
      if (subtracts && constant !== -0x8000_0000) this.push(WITH_CONSTANT[op - 1]!, 1, [left, -constant | 0])
      else this.push(WITH_CONSTANT[op]!, 1, [left, constant])
      return
    }
    if (turned !== 0 && this.isShort(x)) {
      const right = this.slotOf(y)
      const constant = stack.value[x]!
      stack.cutTo(x)
      this.push(WITH_CONSTANT[turned]!, 1, [right, constant])
      return
    }
    const left = this.slotOf(x)
    const right = this.slotOf(y)
    stack.cutTo(x)
    if (turned !== 0 && emitter.hasJustWritten(right)) this.push(OF_OPCODE[turned]!, 2, [right, left])
    else this.push(OF_OPCODE[op]!, 2, [left, right])
  }

  /** A constant that 32 bits hold. */
  private isShort(i: number): boolean {
    const kind = this.stack.kind[i]
    return kind === CONSTANT_32 || (kind === CONSTANT_64 && !this.stack.isWide(i))
  }

  private store(op: number, offset: number): void {
    const { stack, emitter } = this
    const address = this.slotOf(stack.height - 2)
    const value = this.slotOf(stack.height - 1)
    stack.cutTo(stack.height - 2)
    emitter.act(OF_OPCODE[op]!, 2, [address, value, offset])
  }

  private select(): void {
    const { stack } = this
    const first = stack.height - 3
    const inputs = [this.slotOf(first), this.slotOf(first + 1), this.slotOf(first + 2)]
    stack.cutTo(first)
    this.push(SELECT, 3, inputs)
  }

  private setLocal(local: number): void {
    const { stack, emitter } = this
    const top = stack.height - 1
    const target = local * SLOT
    const kind = stack.kind[top]
    if (kind === LOCAL && stack.value[top] === local) {
      stack.cutTo(top)
      return
    }
    // Operands that are the local keep what it was.
    if (stack.isUsed(local)) stack.settleLocal(local, this.settle)
    if (kind === IN_SLOT && emitter.hasJustWritten(this.slotAt(top))) emitter.redirect(target)
    else {
      this.copyTo(top, target)
      emitter.keep()
    }
    stack.cutTo(top)
  }

  private bulk(op: number): void {
    const { stack, emitter } = this
    const first = stack.height - 3
    const inputs = [this.slotOf(first), this.slotOf(first + 1), this.slotOf(first + 2)]
    stack.cutTo(first)
    const price = perUnitCost(this.context.schedule, op)
    emitter.act(op === 0xea /* memory.copy */ ? MEMORY_COPY : MEMORY_FILL, 3, [...inputs, price])
  }

  /** Code that no frame executes; the code after it is lowered as if it had given its results. */
  private float(op: number): void {
    const { stack } = this
    this.trap('float')
    const { params, results } = INSTRUCTIONS[op]!.signature!
    stack.cutTo(stack.height - params.length)
    for (let i = 0; i < results.length; i++) stack.push(IN_SLOT)
  }

  private outsideByTypes(op: number, a: number, b: number): void {
    const { params, results } = INSTRUCTIONS[op]!.signature!
    this.outside(op, a, b, params.length, results.length)
  }

  /** An instruction that JavaScript executes, on operands in their slots. */
  private outside(op: number, a: number, b: number, params: number, results: number): void {
    const { stack, emitter, context } = this
    this.settleTop(params)
    stack.cutTo(stack.height - params)
    emitter.act(OUTSIDE, 0, [op, a, b, this.slotAt(stack.height), perUnitCost(context.schedule, op)])
    for (let i = 0; i < results; i++) stack.push(IN_SLOT)
  }
}
