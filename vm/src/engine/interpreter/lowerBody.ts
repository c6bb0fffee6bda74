/**
 * Lowers one function body to the core's instructions: operands get slots of the frame, branches their targets, and
 * charges the words that pay them. Structure and what cannot be reached are dropped.
 *
 * This file has the control flow; instructions that only compute are in lowerOperands.ts.
 */
import { deadBlockEnd, functionTypeOf, WORDS } from '../../binary/module.ts'
import { OP } from '../../binary/opcodes.ts'
import { entryCost, growthImportOf, instructionCost, plainCosts } from '../../metering/charges.ts'
import { blockSignature } from '../../validate/validateFunction.ts'
import { type Charge, Charging } from './charging.ts'
import { RECORD_BYTES } from './layout.ts'
import { headerAddress, type LoweringContext, OperandLowerer, SLOT } from './lowerOperands.ts'
import {
  BR,
  BR_NEZ,
  BR_TABLE,
  CALL,
  CALL_IMPORT,
  CALL_INDIRECT,
  CHARGE,
  EQZ_32,
  RETURN,
  RETURN_CALL,
  RETURN_CALL_INDIRECT,
  RETURN_VALUE,
  RETURN_VALUES,
} from './opcodes.ts'
import { IN_SLOT } from './operandStack.ts'

const { block: BLOCK, loop: LOOP, return_call: TAIL_CALL, return_call_indirect: TAIL_CALL_INDIRECT } = OP

export interface LoweredBody {
  /** Bytes of a frame; where in it declared locals begin, and where its record is. */
  readonly frameBytes: number
  readonly firstLocal: number
  readonly record: number
  /** Fuel that callers pay. */
  readonly charge: number
}

interface Label {
  readonly op: number
  /** Labels around it. */
  readonly depth: number
  readonly params: number
  /** Operands below it. */
  readonly height: number
  /** Values that a branch to it carries, and those on the stack after its end. */
  readonly carried: number
  readonly results: number
  /** Of a loop: where it begins, and what is paid there. */
  readonly start: number
  readonly startCharge: Charge | null
  /** Positions of words that wait for its end: a target, and its charge in the next word. */
  readonly waiting: number[]
  /** The charge paid where it begins. */
  readonly before: Charge | null
  /** The word of an `if` that waits for its `else` or its end; -1 when there is none. */
  condition: number
  /** Outermost label to which a branch leads from inside, by its depth from the function's own. */
  leavesTo: number
  /** The host may see fuel inside. */
  seen: boolean
}

/** More than labels can be around one. */
const MOST_LABELS = 2 ** 30

export class BodyLowerer extends OperandLowerer {
  private readonly charging: Charging
  private readonly labels: Label[] = []
  /** The import that is called with the operand of memory.grow before the memory grows; -1 when there is none. */
  private readonly growthImport: number
  private readonly costs: Float64Array
  private results = 0
  private frameBytes = 0
  private record = 0
  /** Where the function's code is to stand in the machine's memory. */
  private base = 0

  constructor(context: LoweringContext) {
    super(context)
    this.charging = new Charging(this.emitter, CHARGE)
    this.growthImport = growthImportOf(context.module, context.schedule)
    this.costs = plainCosts(context.schedule)
  }

  /** Its code is in the emitter until the next one is lowered. `base`: address of its code. */
  lower(f: number, base: number): LoweredBody {
    const { context, emitter, labels, charging, costs } = this
    const { module, schedule } = context
    const body = module.bodies[f]!
    const { params, results } = functionTypeOf(module, module.importedFunctions + f)
    const { heights, hasDeadCode, maxHeight } = context.facts[f]!
    const { words, count } = body.code
    const values = params.length + body.locals.length
    this.results = results.length
    // Results are left where parameters were.
    this.record = SLOT * Math.max(values, results.length)
    this.begin(values, this.record + RECORD_BYTES)
    this.frameBytes = this.slotAt(maxHeight)
    labels.length = 0
    this.base = base
    const first = charging.begin(entryCost(schedule, body))
    this.open(BLOCK, 0, 0, results.length)
    for (let i = 0; i < count; i++) {
      const at = i * WORDS
      const op = words[at]!
      const live = heights[i]! >= 0
      emitter.offset = words[at + 1]!
      const a = words[at + 2]!
      const b = words[at + 3]!
      switch (op) {
        case 0x05: // else
          this.otherwise(live)
          continue
        case 0x0b: // end
          this.close(live)
          continue
      }
      if (hasDeadCode && !live) {
        if (op >= 0x02 /* block */ && op <= 0x04 /* if */) i = deadBlockEnd(words, i)
        continue
      }
      const cost = costs[op]!
      charging.pay(cost < 0 ? instructionCost(module, schedule, op, a, b) : cost)
      if (op === 0x40 /* memory.grow */ && this.growthImport >= 0) this.payGrowth()
      if (op > 0x13 /* return_call_indirect */) this.compute(op, a, b)
      else this.control(op, a, b, body.code.labels)
    }
    charging.finish()
    const { frameBytes, record } = this
    return { frameBytes, firstLocal: params.length * SLOT, record, charge: first.fuel }
  }

  private control(op: number, a: number, b: number, depths: Uint32Array): void {
    switch (op) {
      case 0x00: // unreachable
        this.trap('unreachable')
        this.stop()
        return
      case 0x01: // nop
        return
      case 0x02: // block
      case 0x03: // loop
      case 0x04: // if
        this.openBlock(op, a)
        return
      case 0x0c: // br
        this.branch(this.labelAt(a))
        this.stop()
        return
      case 0x0d: // br_if
        this.branchIf(this.labelAt(a))
        return
      case 0x0e: // br_table
        this.branchTable(depths.subarray(a, a + b + 1))
        return
      case 0x0f: // return
        this.leaveTo(0)
        this.return()
        this.stop()
        return
      case 0x10: // call
      case 0x12: // return_call
        this.call(op, a)
        return
      default:
        this.callIndirect(op, a, b)
    }
  }

  /** Notes that no path reaches the code from here on. */
  private stop(): void {
    this.emitter.cut()
    this.charging.current = null
  }

  private open(op: number, height: number, params: number, results: number): Label {
    const before = this.charging.current
    let start = -1
    let startCharge: Charge | null = null
    if (op === LOOP) {
      startCharge = this.charging.instruction()
      start = this.emitter.length
    }
    const label: Label = {
      op,
      depth: this.labels.length,
      params,
      height,
      carried: op === LOOP ? params : results,
      results,
      start,
      startCharge,
      waiting: [],
      before,
      condition: -1,
      leavesTo: MOST_LABELS,
      seen: false,
    }
    this.labels.push(label)
    return label
  }

  private openBlock(op: number, a: number): void {
    const { stack, emitter, charging } = this
    const { params, results } = blockSignature(this.context.module, a)
    if (op !== 0x04 /* if */) {
      this.settleAll()
      this.open(op, stack.height - params.length, params.length, results.length)
      return
    }
    const condition = this.takeSlot()
    this.settleAll()
    const label = this.open(op, stack.height - params.length, params.length, results.length)
    this.branchOnZero(condition)
    label.condition = emitter.length
    emitter.push(0)
    emitter.push(0)
    charging.next()
    emitter.cut()
  }

  /** Writes a branch that is taken when the condition in a slot is zero; its words follow. */
  private branchOnZero(slot: number): void {
    const { emitter } = this
    let condition = slot
    if (!(emitter.hasJustWritten(slot) && emitter.negate())) {
      condition = this.slotAt(this.stack.height)
      emitter.value(EQZ_32, 1, [slot], condition)
    }
    emitter.act(BR_NEZ, 1, [condition])
  }

  private otherwise(live: boolean): void {
    const { emitter, charging, stack } = this
    const label = this.labels.at(-1)!
    if (live) {
      this.settleAll()
      emitter.act(BR, 0, [])
      label.waiting.push(emitter.length)
      emitter.push(0)
      emitter.push(0)
    }
    emitter.cut()
    emitter.words[label.condition] = this.addressOf(emitter.length)
    charging.paidAt(label.condition + 1, charging.open())
    label.condition = -1
    stack.restart(label.height + label.params)
  }

  private close(live: boolean): void {
    const { emitter, charging, stack, labels } = this
    const label = labels.pop()!
    const depth = labels.length
    if (depth === 0) {
      this.closeFunction(label, live)
      return
    }
    const outer = labels[depth - 1]!
    if (label.leavesTo < outer.leavesTo) outer.leavesTo = label.leavesTo
    if (label.seen) outer.seen = true
    if (live) this.settleAll()
    emitter.cut()
    const { waiting, condition } = label
    if (condition >= 0) waiting.push(condition)
    const reached = live || waiting.length > 0
    stack.restart(label.height + label.results)
    if (!reached) {
      charging.current = null
      return
    }
    const merged = label.before !== null && !label.seen && label.leavesTo >= depth
    if (merged) charging.current = label.before
    const charge = merged ? null : live ? charging.instruction() : charging.open()
    const here = this.addressOf(emitter.length)
    for (const position of waiting) {
      emitter.words[position] = here
      if (charge !== null) charging.paidAt(position + 1, charge)
    }
  }

  private closeFunction(label: Label, live: boolean): void {
    const { emitter, stack } = this
    if (label.waiting.length > 0) {
      if (live) this.settleAll()
      emitter.cut()
      const here = this.addressOf(emitter.length)
      for (const position of label.waiting) emitter.words[position] = here
      stack.restart(label.results)
    } else if (!live) return
    this.return()
    emitter.cut()
  }

  private addressOf(position: number): number {
    return this.base + position * 4
  }

  private labelAt(depth: number): Label {
    return this.labels[this.labels.length - 1 - (depth >>> 0)]!
  }

  /** A branch leads from here to a label of that depth. */
  private leaveTo(depth: number): void {
    const inner = this.labels.at(-1)!
    if (depth < inner.leavesTo) inner.leavesTo = depth
  }

  private branch(label: Label): void {
    this.leaveTo(label.depth)
    if (label.depth === 0) {
      this.return()
      return
    }
    this.carry(label)
    this.emitter.act(BR, 0, [])
    this.target(label)
  }

  /** The words of a branch to a label: where to, and what is paid there. */
  private target(label: Label): void {
    const { emitter, charging } = this
    if (label.op === LOOP) {
      emitter.push(this.addressOf(label.start))
      charging.word(label.startCharge!)
    } else {
      label.waiting.push(emitter.length)
      emitter.push(0)
      emitter.push(0)
    }
  }

  /** Whether a branch must move the values it carries, which are in their slots. */
  private moves({ depth, carried, height }: Label): boolean {
    return carried > 0 && (depth === 0 || this.stack.height - carried !== height)
  }

  /** Moves the values that a branch carries to where its target expects them. */
  private carry({ carried, height }: Label): void {
    const from = this.stack.height - carried
    if (carried === 1) this.copyTo(from, this.slotAt(height))
    else if (carried > 1) {
      this.settleTop(carried)
      if (from !== height) this.moveDown(from, height, carried)
    }
  }

  private branchIf(label: Label): void {
    const { emitter, charging } = this
    this.leaveTo(label.depth)
    const condition = this.takeSlot()
    this.settleTop(label.carried)
    if (!this.moves(label)) {
      emitter.act(BR_NEZ, 1, [condition])
      this.target(label)
      charging.next()
      emitter.cut()
      return
    }
    this.branchOnZero(condition)
    const skip = emitter.length
    emitter.push(0)
    emitter.push(0)
    emitter.push(0)
    emitter.cut()
    this.branch(label)
    emitter.cut()
    emitter.words[skip] = this.addressOf(emitter.length)
    charging.paidAt(skip + 1, charging.open())
  }

  /** Targets to which values have to be moved get a piece of code of their own, which moves them. */
  private branchTable(depths: Uint32Array): void {
    const { emitter, charging } = this
    const index = this.takeSlot()
    const values = this.labelAt(depths[0]!).carried
    this.settleTop(values)
    emitter.act(BR_TABLE, 1, [index, depths.length - 1])
    const pieces = new Map<Label, number[]>()
    for (const depth of depths) {
      const label = this.labelAt(depth)
      this.leaveTo(label.depth)
      if (!this.moves(label)) {
        this.target(label)
        continue
      }
      const waiting = pieces.get(label)
      if (waiting === undefined) pieces.set(label, [emitter.length])
      else waiting.push(emitter.length)
      emitter.push(0)
      emitter.push(0)
    }
    for (const [label, waiting] of pieces) {
      emitter.cut()
      for (const position of waiting) emitter.words[position] = this.addressOf(emitter.length)
      charging.current = { fuel: 0 }
      this.branch(label)
    }
    this.stop()
  }

  private return(): void {
    const { stack, emitter, results, record } = this
    if (results === 0) emitter.act(RETURN, 0, [record])
    else if (results === 1) emitter.act(RETURN_VALUE, 1, [this.slotOf(stack.height - 1), record])
    else {
      this.settleTop(results)
      emitter.act(RETURN_VALUES, 0, [this.slotAt(stack.height - results), results, record])
    }
  }

  private call(op: number, callee: number): void {
    const { context, emitter, stack } = this
    const { module } = context
    const { params, results } = functionTypeOf(module, callee)
    const tail = op === TAIL_CALL
    if (tail) this.leaveTo(0)
    this.settleTop(params.length)
    const from = this.slotAt(stack.height - params.length)
    const g = callee - module.importedFunctions
    stack.cutTo(stack.height - params.length)
    if (g < 0) {
      emitter.act(CALL_IMPORT, 0, [callee, from, this.frameBytes])
      this.pushResults(results.length)
      this.afterHost()
      if (tail) this.returnAfterTailCall()
      return
    }
    const counted = context.counted[g]!
    const header = headerAddress(context, g)
    if (tail) {
      emitter.act(RETURN_CALL[counted]!, 0, [header, from, params.length, this.record])
      this.stop()
      return
    }
    emitter.act(CALL[counted]!, 0, [header, from])
    this.afterCall(context.reachesHost[g] === 1)
    this.pushResults(results.length)
  }

  private callIndirect(op: number, typeIndex: number, table: number): void {
    const { context, emitter, stack } = this
    const { params, results } = context.module.types[typeIndex]!
    const tail = op === TAIL_CALL_INDIRECT
    if (tail) this.leaveTo(0)
    const index = this.takeSlot()
    this.settleTop(params.length)
    const from = this.slotAt(stack.height - params.length)
    stack.cutTo(stack.height - params.length)
    const target = [index, context.typeNumbers[typeIndex]!, context.tables[table]!, from]
    if (tail) {
      emitter.act(RETURN_CALL_INDIRECT, 1, [...target, params.length, this.record])
      // A function of another instance comes back.
      emitter.cut()
      this.pushResults(results.length)
      this.returnAfterTailCall()
      return
    }
    emitter.act(CALL_INDIRECT, 1, [...target, this.frameBytes])
    this.afterCall(context.indirectHost)
    this.pushResults(results.length)
  }

  /** The import gives nothing back, so the operand stays in its slot. */
  private payGrowth(): void {
    this.settleTop(1)
    const operand = this.slotAt(this.stack.height - 1)
    this.emitter.act(CALL_IMPORT, 0, [this.growthImport, operand, this.frameBytes])
    this.afterHost()
  }

  private pushResults(count: number): void {
    for (let i = 0; i < count; i++) this.stack.push(IN_SLOT)
  }

  /** The word that is paid when a call comes back. */
  private afterCall(reachesHost: boolean): void {
    const { emitter, charging } = this
    if (reachesHost) {
      this.labels.at(-1)!.seen = true
      charging.next()
    } else emitter.push(0)
    emitter.cut()
  }

  /** The host has seen how much fuel is left. */
  private afterHost(): void {
    this.labels.at(-1)!.seen = true
    this.charging.instruction()
  }

  private returnAfterTailCall(): void {
    this.return()
    this.stop()
  }
}
