/**
 * Rewrites one function body: the original code with charges and checks put in where a placement says, counters passed
 * along calls, costs by size charged, and code that cannot be reached left out.
 *
 * Locals of the new body: parameters; fuel left and stack bytes left, where the function carries them; markers of its
 * type (signatures.ts); the declared locals; temporaries.
 */
import { EMPTY_BLOCK, valueBlock } from '../../binary/decodeCode.ts'
import { valueTypeCode } from '../../binary/encodeCode.ts'
import { EMPTY_BLOCK_CODE } from '../../binary/formatCodes.ts'
import { deadBlockEnd, functionTypeOf, WORDS } from '../../binary/module.ts'
import { INSTRUCTIONS, type InstructionName, OP, VALUE_TYPES } from '../../binary/opcodes.ts'
import type { ValueType } from '../../binary/types.ts'
import { fixedSizeCost, perUnitCost } from '../../metering/charges.ts'
import type { Placement } from '../../metering/placement.ts'
import { blockSignature, type FunctionFacts } from '../../validate/validateFunction.ts'
import { chargeTurns } from './chargeTurns.ts'
import {
  COPIED,
  type CodeWriter,
  FLOAT,
  FUEL_CHECK,
  HOST_FAULT,
  ONE_BYTE_LEB,
  type Origin,
  STACK_CHECK,
  TRANSLATED,
} from './codeWriter.ts'
import type { RewriteContext, RewrittenBody } from './rewriteContext.ts'
import { eraseFloat, isFloat } from './signatures.ts'

const {
  block: BLOCK,
  if: IF,
  else: ELSE,
  end: END,
  br: BR,
  return: RETURN,
  call: CALL,
  call_indirect: CALL_INDIRECT,
  return_call: RETURN_CALL,
  return_call_indirect: RETURN_CALL_INDIRECT,
  'global.get': GLOBAL_GET,
  'global.set': GLOBAL_SET,
  'memory.size': MEMORY_SIZE,
  'memory.grow': MEMORY_GROW,
  'i32.eq': I32_EQ,
  'i32.lt_s': I32_LT_S,
  'i64.le_u': I64_LE_U,
  'i32.sub': I32_SUB,
  'i64.add': I64_ADD,
  'i64.sub': I64_SUB,
  'i64.mul': I64_MUL,
  'i64.extend_i32_u': I64_EXTEND_I32_U,
  'table.grow': TABLE_GROW,
  'table.size': TABLE_SIZE,
} = OP

/** Instructions that are changed in some functions: their labels, indices, types or costs by size. */
const LOOKED_AT: ReadonlySet<string> = new Set<InstructionName>([
  ...(['block', 'loop', 'if', 'end', 'br_if', 'return'] as const),
  ...(['call', 'call_indirect', 'return_call', 'return_call_indirect', 'ref.func'] as const),
  ...(['select t', 'local.get', 'local.set', 'local.tee', 'global.get', 'global.set'] as const),
  ...(['memory.grow', 'memory.init', 'memory.copy', 'memory.fill'] as const),
  ...(['table.init', 'table.copy', 'table.grow', 'table.fill'] as const),
])

/** 1 for instructions that are copied as they are in every function. */
const COPIED_ALWAYS = Uint8Array.from({ length: 256 }, (_, op) => {
  const info = INSTRUCTIONS[op]
  return info === undefined || info.feature === 'float' || LOOKED_AT.has(info.name) ? 0 : 1
})

/** V8 puts no function of more bytes in place of a call (its flag wasm-inlining-max-size is 500). */
const NOT_INLINED_BYTES = 501

export class BodyRewriter {
  private readonly context: RewriteContext
  readonly writer: CodeWriter
  private codeFrom = 0
  private originsFrom = 0
  private function = 0
  private placement!: Placement
  private parameters = 0
  private extra = 0
  private fuel = -1
  private stack = -1
  private own = 0
  private fixedLocals = 0
  private readonly temporaries: ValueType[] = []
  private firstI32 = -1
  private secondI32 = -1
  /** Block types of the open labels; the function's own is first. */
  private readonly labelBlock: number[] = []
  private readonly labelIsLoop: boolean[] = []
  /** Offset in the original of code to be copied; -1 when there is none. */
  private copyFrom = -1
  /** Bytes to be changed in it: offset in the original, and the byte. */
  private patches = new Int32Array(64)
  private patched = 0
  /** Functions that some body refers to: a module must declare them outside of its code. */
  readonly referred = new Set<number>()

  /** Writes on at the end of `writer`. */
  constructor(context: RewriteContext, writer: CodeWriter) {
    this.context = context
    this.writer = writer
  }

  /** `f` counts from the first function defined in the module. */
  rewrite(
    f: number,
    { heights, hasDeadCode }: FunctionFacts,
    placement: Placement,
    branchesToEnd: boolean,
  ): RewrittenBody {
    const { module, carriesFuel } = this.context
    this.begin(f, placement)
    const { writer } = this
    const body = module.bodies[f]!
    const { results } = functionTypeOf(module, module.importedFunctions + f)
    const { words, count } = body.code
    const end = body.offset + body.byteLength
    const wrapped = branchesToEnd && carriesFuel[f] === 1
    this.entryChecks(words[1]!)
    if (wrapped) this.openWrapper(results)
    this.labelBlock.push(EMPTY_BLOCK)
    this.labelIsLoop.push(false)
    const { marks } = placement
    for (let i = 0; i < count - 1; i++) {
      const op = words[i * WORDS]!
      const offset = words[i * WORDS + 1]!
      if (hasDeadCode && heights[i]! < 0 && op !== 0x05 /* else */ && op !== 0x0b /* end */) {
        this.flush(offset)
        if (op >= 0x02 /* block */ && op <= 0x04 /* if */) i = deadBlockEnd(words, i)
        continue
      }
      if (marks[i] === 1) this.insertBefore(i, offset)
      if (COPIED_ALWAYS[op] === 1) {
        if (this.copyFrom < 0) this.copyFrom = offset
      } else if (op >= 0x20 /* local.get */ && op <= 0x22 /* local.tee */) this.local(i, op, words)
      else this.instruction(i, op, words)
    }
    const lastOffset = words[(count - 1) * WORDS + 1]!
    this.flush(lastOffset)
    if (heights[count - 1]! >= 0 && marks[count - 1] === 1) this.insertBefore(count - 1, lastOffset)
    if (wrapped) writer.byte(END)
    if (this.fuel >= 0) writer.localGet(this.fuel)
    writer.byte(END)
    if (end !== lastOffset + 1) throw new Error('a body does not end with its last instruction')
    return this.finish(body.locals)
  }

  private begin(f: number, placement: Placement): void {
    const { module, signatures, addressTaken, carriesFuel, carriesStack, ownStack } = this.context
    this.codeFrom = this.writer.length
    this.originsFrom = this.writer.originsLength
    this.function = f
    this.placement = placement
    const index = module.importedFunctions + f
    const { params } = functionTypeOf(module, index)
    this.parameters = params.length
    this.extra = 0
    this.fuel = carriesFuel[f] === 1 ? this.parameters + this.extra++ : -1
    this.stack = carriesStack[f] === 1 ? this.parameters + this.extra++ : -1
    if (addressTaken[index] === 1) this.extra += signatures.markers(module.functionTypes[index]!).length
    this.own = ownStack[f]!
    this.fixedLocals = this.parameters + this.extra + module.bodies[f]!.locals.length
    this.temporaries.length = 0
    this.firstI32 = -1
    this.secondI32 = -1
    this.labelBlock.length = 0
    this.labelIsLoop.length = 0
    this.copyFrom = -1
    this.patched = 0
  }

  /** The locals come last: temporaries are known only now. */
  private finish(locals: readonly ValueType[]): RewrittenBody {
    const { writer, codeFrom, originsFrom } = this
    const codeTo = writer.length
    // The weights of the stack rule allow for small functions only where the host puts functions in place of calls.
    const leastBytes = this.context.small[this.function] === 1 ? 0 : NOT_INLINED_BYTES - (codeTo - codeFrom)
    writer.locals(locals, this.temporaries, leastBytes)
    const { length, originsLength } = writer
    return { codeFrom, codeTo, localsFrom: codeTo, localsTo: length, originsFrom, originsTo: originsLength }
  }

  private openWrapper(results: readonly ValueType[]): void {
    const { writer } = this
    writer.byte(BLOCK)
    if (results.length === 0) writer.byte(EMPTY_BLOCK_CODE)
    else if (results.length === 1) writer.byte(valueTypeCode(eraseFloat(results[0]!)))
    else writer.s32(this.context.signatures.indexOf([], results.map(eraseFloat)))
  }

  private temporary(type: ValueType): number {
    return this.fixedLocals + this.temporaries.push(type) - 1
  }

  private get first(): number {
    if (this.firstI32 < 0) this.firstI32 = this.temporary('i32')
    return this.firstI32
  }

  private get second(): number {
    if (this.secondI32 < 0) this.secondI32 = this.temporary('i32')
    return this.secondI32
  }

  private entryChecks(offset: number): void {
    const { entryStack, entryCharge, entryCheck } = this.placement
    if (entryStack > 0) this.checkStack(entryStack, offset)
    if (entryCharge !== 0 || entryCheck) this.charge(entryCharge, entryCheck, offset)
  }

  /** Copies what is pending, up to an offset of the original. */
  private flush(to: number): void {
    const from = this.copyFrom
    if (from < 0) return
    const { writer, patches } = this
    writer.origin(COPIED, from)
    const start = writer.length
    writer.copy(this.context.module.bytes, from, to)
    for (let i = 0; i < this.patched; i += 2) writer.patch(start + patches[i]! - from, patches[i + 1]!)
    this.patched = 0
    this.copyFrom = -1
  }

  /** local.get, local.set and local.tee: declared locals move by the parameters added. */
  private local(i: number, op: number, words: Int32Array): void {
    const offset = words[i * WORDS + 1]!
    const index = words[i * WORDS + 2]!
    if (index < this.parameters || this.extra === 0) {
      if (this.copyFrom < 0) this.copyFrom = offset
    } else this.moveIndex(op, index + this.extra, offset, words[(i + 1) * WORDS + 1]!)
  }

  /** An instruction with another index. Where it is as long as before, it is copied and changed. */
  private moveIndex(op: number, index: number, offset: number, end: number): void {
    if (index >= ONE_BYTE_LEB || end - offset !== 2) {
      this.flush(offset)
      this.writer.withIndex(op, index)
      return
    }
    if (this.copyFrom < 0) this.copyFrom = offset
    if (this.patched === this.patches.length) {
      const wider = new Int32Array(this.patched * 2)
      wider.set(this.patches)
      this.patches = wider
    }
    this.patches[this.patched++] = offset + 1
    this.patches[this.patched++] = index
  }

  private insertBefore(i: number, offset: number): void {
    const { placement } = this
    const charge = placement.before[i]!
    const check = placement.beforeCheck[i] === 1
    const stack = placement.beforeStack[i]!
    const counted = placement.counted.size === 0 ? undefined : placement.counted.get(i)
    if (charge === 0 && !check && stack === 0 && counted === undefined) return
    this.flush(offset)
    this.insert(charge, check, stack, offset)
    if (counted === undefined) return
    const { writer, fuel, first, second } = this
    writer.origin(FUEL_CHECK, offset)
    chargeTurns(writer, counted, { fuel, first, second, moved: (local) => this.moved(local) })
  }

  private insert(charge: number, check: boolean, stack: number, offset: number): void {
    if (stack > 0) this.checkStack(stack, offset)
    if (charge !== 0 || check) this.charge(charge, check, offset)
  }

  private charge(amount: number, check: boolean, offset: number): void {
    const { writer, fuel } = this
    if (check) writer.origin(FUEL_CHECK, offset)
    writer.localGet(fuel)
    if (amount !== 0) {
      writer.i64Const(amount)
      writer.byte(I64_SUB)
      if (!check) writer.localSet(fuel)
      else writer.localTee(fuel)
    }
    if (check) this.writer.trapIfNegative()
  }

  private checkStack(bytes: number, offset: number): void {
    const { writer } = this
    writer.origin(STACK_CHECK, offset)
    writer.localGet(this.stack)
    writer.i32Const(bytes)
    writer.byte(I32_LT_S)
    writer.trapIf(STACK_CHECK)
  }

  private instruction(i: number, op: number, words: Int32Array): void {
    const { module, globals } = this.context
    const offset = words[i * WORDS + 1]!
    const a = words[i * WORDS + 2]!
    switch (op) {
      case 0x02: // block
      case 0x03: // loop
      case 0x04: // if
        this.labelBlock.push(a)
        this.labelIsLoop.push(op === 0x03 /* loop */)
        if (a < 0 && a !== EMPTY_BLOCK && isFloat(valueBlock(a))) {
          this.translated(offset)
          this.writer.byte(op)
          this.writer.byte(valueTypeCode(eraseFloat(valueBlock(a))))
          return
        }
        break
      case 0x0b: // end
        this.labelBlock.pop()
        this.labelIsLoop.pop()
        this.insertMissingElse(i, offset)
        break
      case 0x0d: // br_if
        if (this.branchIf(i, a, offset)) return
        break
      case 0x0f: // return
        if (this.fuel < 0) break
        this.translated(offset)
        this.writer.localGet(this.fuel)
        this.writer.byte(op)
        return
      case 0x10: // call
      case 0x12: // return_call
        this.call(op, a, offset)
        return
      case 0x11: // call_indirect
      case 0x13: // return_call_indirect
        this.callIndirect(op, a, words[i * WORDS + 3]!, offset)
        return
      case 0x1c: // select t
        if (!isFloat(VALUE_TYPES[a]!)) break
        this.translated(offset)
        this.writer.byte(op)
        this.writer.byte(1)
        this.writer.byte(valueTypeCode(eraseFloat(VALUE_TYPES[a]!)))
        return
      case 0x23: // global.get
      case 0x24: // global.set
        if (a < module.importedGlobals) break
        this.moveIndex(op, a + globals.shift, offset, words[(i + 1) * WORDS + 1]!)
        return
      case 0x40: // memory.grow
      case 0xef: // table.grow
        this.grow(op, a, offset)
        return
      case 0xd2: // ref.func
        this.referred.add(this.context.standIns.get(a) ?? a)
        if (!this.context.standIns.has(a)) break
        this.flush(offset)
        this.writer.withIndex(op, this.context.standIns.get(a)!)
        return
      case 0xe8: // memory.init
      case 0xea: // memory.copy
      case 0xeb: // memory.fill
      case 0xec: // table.init
      case 0xee: // table.copy
      case 0xf1: // table.fill
        this.chargeBySize(op, i, words, offset)
        break
      default:
        if (INSTRUCTIONS[op]!.feature === 'float') {
          this.flush(offset)
          this.writer.origin(FLOAT, offset)
          this.writer.trap(FLOAT)
          return
        }
    }
    if (this.copyFrom < 0) this.copyFrom = offset
  }

  private translated(offset: number, origin: Origin = TRANSLATED): void {
    this.flush(offset)
    this.writer.origin(origin, offset)
  }

  private insertMissingElse(i: number, offset: number): void {
    const { placement } = this
    if (placement.marks[i] === 0) return
    if (placement.at[i] === 0 && placement.atCheck[i] === 0 && placement.atStack[i] === 0) return
    this.flush(offset)
    this.writer.byte(ELSE)
    this.insert(placement.at[i]!, placement.atCheck[i] === 1, placement.atStack[i]!, offset)
  }

  /** A br_if that pays only when it branches becomes an if around a br. Returns false when nothing is to be paid. */
  private branchIf(i: number, depth: number, offset: number): boolean {
    const { placement, writer } = this
    if (placement.marks[i] === 0) return false
    if (placement.at[i] === 0 && placement.atCheck[i] === 0 && placement.atStack[i] === 0) return false
    this.flush(offset)
    const carried = this.carriedBy(depth)
    writer.byte(IF)
    if (carried.length === 0) writer.byte(EMPTY_BLOCK_CODE)
    else writer.s32(this.context.signatures.indexOf(carried, carried))
    this.insert(placement.at[i]!, placement.atCheck[i] === 1, placement.atStack[i]!, offset)
    writer.withIndex(BR, depth + 1)
    writer.byte(END)
    return true
  }

  /** Types of the values a branch to a label carries. */
  private carriedBy(depth: number): readonly ValueType[] {
    const { module } = this.context
    const label = this.labelBlock.length - 1 - depth
    if (label === 0) return functionTypeOf(module, module.importedFunctions + this.function).results.map(eraseFloat)
    const { params, results } = blockSignature(module, this.labelBlock[label]!)
    return (this.labelIsLoop[label]! ? params : results).map(eraseFloat)
  }

  /** Leaves the counters where imported functions find them. */
  private leaveCounters(): void {
    const { writer, context } = this
    writer.localGet(this.fuel)
    writer.withIndex(GLOBAL_SET, context.globals.fuel)
    this.pushStackLeft()
    writer.withIndex(GLOBAL_SET, context.globals.stack)
  }

  /** Stack bytes left for what this function calls. */
  private pushStackLeft(): void {
    const { writer } = this
    writer.localGet(this.stack)
    if (this.own === 0) return
    writer.i32Const(this.own)
    writer.byte(I32_SUB)
  }

  private call(op: number, callee: number, offset: number): void {
    const { context, writer } = this
    const { module, globals } = context
    if (callee < module.importedFunctions) {
      this.flush(offset)
      this.leaveCounters()
      writer.origin(TRANSLATED, offset)
      writer.withIndex(CALL, callee)
      writer.withIndex(GLOBAL_GET, globals.fuel)
      if (op === CALL) writer.localSet(this.fuel)
      else writer.byte(RETURN)
      return
    }
    const g = callee - module.importedFunctions
    this.flush(offset)
    if (context.carriesFuel[g] === 1) writer.localGet(this.fuel)
    if (context.carriesStack[g] === 1) {
      // A tail call gives back what this function was charged, but a plain callee runs on it.
      if (op === RETURN_CALL && context.counted[g] === 1) writer.localGet(this.stack)
      else this.pushStackLeft()
    }
    if (context.addressTaken[callee] === 1) writer.zeros(context.signatures.markers(module.functionTypes[callee]!))
    writer.origin(TRANSLATED, offset)
    writer.withIndex(op, callee)
    if (op === CALL && context.carriesFuel[g] === 1) writer.localSet(this.fuel)
  }

  private callIndirect(op: number, typeIndex: number, table: number, offset: number): void {
    const { context, writer, first } = this
    this.flush(offset)
    if (context.tables.verdict(typeIndex, table) !== 'unknown') writer.localSet(first)
    else {
      writer.localTee(first)
      writer.withIndex(GLOBAL_SET, context.globals.lastElement)
    }
    writer.localGet(this.fuel)
    if (op === RETURN_CALL_INDIRECT) writer.localGet(this.stack)
    else this.pushStackLeft()
    writer.zeros(context.signatures.markers(typeIndex))
    writer.localGet(first)
    writer.origin(TRANSLATED, offset)
    writer.withIndex(op, context.signatures.inTable(typeIndex))
    writer.u32(table)
    if (op === CALL_INDIRECT) writer.localSet(this.fuel)
  }

  /** Charges before a bulk instruction; its size is on top of the stack. */
  private chargeBySize(op: number, i: number, words: Int32Array, offset: number): void {
    const cost = perUnitCost(this.context.schedule, op)
    if (cost === 0 || fixedSizeCost(words, i, cost) >= 0) return
    const { writer, first } = this
    this.flush(offset)
    writer.localTee(first)
    this.chargeSize(cost, offset)
  }

  private chargeSize(cost: number, offset: number): void {
    const { writer } = this
    writer.origin(FUEL_CHECK, offset)
    writer.localGet(this.fuel)
    writer.localGet(this.first)
    writer.byte(I64_EXTEND_I32_U)
    writer.i64Const(cost)
    writer.byte(I64_MUL)
    writer.byte(I64_SUB)
    writer.localTee(this.fuel)
    this.writer.trapIfNegative()
  }

  /**
   * memory.grow and table.grow cost by what they add, and nothing when they fail: charged afterwards, which cannot be
   * told from before, since a frame that cannot pay fails. A failure below the cap is one of the host.
   */
  private grow(op: number, table: number, offset: number): void {
    const { context, writer, first, second } = this
    const cost = perUnitCost(context.schedule, op)
    const cap = op === MEMORY_GROW ? context.memoryCap : context.tableCaps[table]!
    const opcode = (): void => {
      if (op === MEMORY_GROW) writer.withIndex(MEMORY_GROW, 0)
      else {
        writer.prefixed(TABLE_GROW)
        writer.u32(table)
      }
    }
    this.flush(offset)
    writer.localTee(first)
    if (op === MEMORY_GROW && context.growthImport >= 0) this.callBeforeGrowth(context.growthImport, offset)
    writer.origin(TRANSLATED, offset)
    opcode()
    writer.localTee(second)
    writer.i32Const(-1)
    writer.byte(I32_EQ)
    writer.withIndex(IF, EMPTY_BLOCK_CODE)
    if (cap !== null) {
      writer.origin(HOST_FAULT, offset)
      writer.localGet(first)
      writer.byte(I64_EXTEND_I32_U)
      if (op === MEMORY_GROW) writer.withIndex(MEMORY_SIZE, 0)
      else {
        writer.prefixed(TABLE_SIZE)
        writer.u32(table)
      }
      writer.byte(I64_EXTEND_I32_U)
      writer.byte(I64_ADD)
      writer.i64Const(cap)
      writer.byte(I64_LE_U)
      writer.trapIf(HOST_FAULT)
    }
    if (cost !== 0) {
      writer.byte(ELSE)
      this.chargeSize(cost, offset)
    }
    writer.byte(END)
    writer.localGet(second)
  }

  /** The operand of memory.grow is on the stack and in `first`. */
  private callBeforeGrowth(callee: number, offset: number): void {
    const { writer } = this
    this.leaveCounters()
    writer.localGet(this.first)
    writer.origin(TRANSLATED, offset)
    writer.withIndex(CALL, callee)
    writer.withIndex(GLOBAL_GET, this.context.globals.fuel)
    writer.localSet(this.fuel)
  }

  /** Index of an original local. */
  private moved(local: number): number {
    return local < this.parameters ? local : local + this.extra
  }
}
