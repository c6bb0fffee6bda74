/**
 * Turns validated bodies into the flat code the interpreter runs: branch targets resolved to positions, structure and
 * unreachable code dropped, costs beside the instructions. Nothing is merged or reordered: one instruction of the
 * module that costs something is one instruction here.
 *
 * An instruction is four words, op and three operands:
 *   if                            a: where to go when the condition is zero
 *   else                          a: where to go
 *   br, br_if                     a: target, b: values carried, c: stack height at the target, from the frame's base
 *   br_table                      a: first entry in `branchTargets` (three words each, as br), b: targets but the default
 *   end                           the one that ends the function; also after every tail call, for those that leave the
 *                                 instance: they come back and then return
 *   call, return_call             a: function, counted from the first one defined in the module
 *   memory.*, table.*             a, b: as in the module, c: fuel per unit of size
 *   all others                    a, b: as in the module
 *
 * Where what is executed is recorded (recorded.ts), two more stand between them, which cost nothing:
 *   record a group                a: its number
 *   record a choice               a: the edge of a choice 0, b: most choices, c: 1 where any but 0 is a 1
 *
 * Where each instruction is stepped over (stepper.ts), a step stands before each of them, which costs nothing.
 */

import { functionTypeOf, type InstructionList, type Module, WORDS } from '../../binary/module.ts'
import { INSTRUCTIONS, OP } from '../../binary/opcodes.ts'
import { entryCost, growthImportOf, instructionCost, perUnitCost } from '../../metering/charges.ts'
import type { Schedule } from '../../metering/schedule.ts'
import { blockSignature } from '../../validate/validateFunction.ts'
import type { ValidatedModule } from '../../validate/validateModule.ts'

const {
  block: BLOCK,
  loop: LOOP,
  if: IF,
  else: ELSE,
  end: END,
  br: BR,
  br_if: BR_IF,
  br_table: BR_TABLE,
  call: CALL,
  return_call: RETURN_CALL,
  return_call_indirect: RETURN_CALL_INDIRECT,
  'global.get': GLOBAL_GET,
  'global.set': GLOBAL_SET,
  'memory.grow': MEMORY_GROW,
  select: SELECT,
  'select t': SELECT_T,
} = OP

/** Internal ops, in the range opcodes.ts leaves free. */
export const CALL_IMPORT = 0xc5
const GLOBAL_GET_REFERENCE = 0xc7
const GLOBAL_SET_REFERENCE = 0xc8
const FLOAT_TRAP = 0xc9
export const RECORD_GROUP = 0xca
export const RECORD_CHOICE = 0xcb
export const STEP = 0xcc

export interface LoweredModule {
  readonly code: Int32Array
  /** Fuel of each instruction. */
  readonly costs: Float64Array
  /** Byte offset in the module of each instruction. */
  readonly offsets: Int32Array
  readonly branchTargets: Int32Array
  /** Per function defined in the module. */
  readonly functions: {
    readonly entry: Int32Array
    readonly params: Int32Array
    readonly results: Int32Array
    /** Parameters and locals. */
    readonly values: Int32Array
    /** Parameters, locals and operands: cells a frame may need. */
    readonly cells: Int32Array
    readonly entryCost: Float64Array
  }
}

/** The listener of the code: nobody, the instance's recorder (recorder.ts), or its stepper (stepper.ts). */
export type Heard = 'not' | 'recorded' | 'stepped'

export function lower(validated: ValidatedModule, schedule: Schedule, heard: Heard = 'not'): LoweredModule {
  const { module } = validated
  const count = module.bodies.length
  const functions = {
    entry: new Int32Array(count),
    params: new Int32Array(count),
    results: new Int32Array(count),
    values: new Int32Array(count),
    cells: new Int32Array(count),
    entryCost: new Float64Array(count),
  }
  const total = module.bodies.reduce((sum, { code }) => sum + code.count + tailCalls(code), 0)
  const room = { not: total, recorded: WITH_RECORDS * total + ENTRY_RECORD * count, stepped: WITH_STEP * total }
  const lowering = new Lowering(module, schedule, room[heard], heard)
  for (const [i, body] of module.bodies.entries()) {
    const { params, results } = functionTypeOf(module, module.importedFunctions + i)
    const values = params.length + body.locals.length
    functions.entry[i] = lowering.position
    functions.params[i] = params.length
    functions.results[i] = results.length
    functions.values[i] = values
    functions.cells[i] = values + validated.functions[i]!.maxHeight
    functions.entryCost[i] = entryCost(schedule, body)
    lowering.body(i, validated.functions[i]!.heights, values, results.length)
  }
  return { ...lowering.finish(), functions }
}

/** An instruction, and before it at most the record of a group and that of a choice. */
const WITH_RECORDS = 3
/** Of a function that begins with a loop one more. */
const ENTRY_RECORD = 1
/** An instruction, and before it a step. */
const WITH_STEP = 2

/**
 * Instructions that the group of instructions before the next ends with: what comes next is a matter of values, or
 * costs are.
 */
const ENDS_GROUP: ReadonlySet<number> = new Set([
  ...[IF, ELSE, BR, BR_IF, BR_TABLE, OP.return, OP.unreachable, FLOAT_TRAP],
  ...[CALL, CALL_IMPORT, RETURN_CALL, OP.call_indirect, RETURN_CALL_INDIRECT, MEMORY_GROW, OP['table.grow']],
  ...[OP['memory.init'], OP['memory.copy'], OP['memory.fill'], OP['table.init'], OP['table.copy'], OP['table.fill']],
])

function tailCalls({ words, count }: InstructionList): number {
  let found = 0
  for (let at = 0; at < count * WORDS; at += WORDS)
    if (words[at] === RETURN_CALL || words[at] === RETURN_CALL_INDIRECT) found++
  return found
}

interface Label {
  readonly op: number
  /** The block itself stands in unreachable code: nothing of it is emitted. */
  readonly dead: boolean
  /** Values a branch to it carries, and the stack height below them. */
  readonly arity: number
  readonly height: number
  /** For a loop: its position. */
  readonly start: number
  /** Words in `code` (or, negative, in `branchTargets`: -1 is word 0) that wait for the position of the end. */
  readonly waiting: number[]
  /** For an if: the word that waits for the position of the else or the end; -1 once it is known. */
  condition: number
}

class Lowering {
  position = 0
  private readonly module: Module
  private readonly schedule: Schedule
  /** Index of the imported function that memory.grow calls first, or -1. */
  private readonly growthImport: number
  private readonly code: Int32Array
  private readonly costs: Float64Array
  private readonly offsets: Int32Array
  private readonly branchTargets: number[] = []
  private readonly recorded: boolean
  private readonly stepped: boolean
  /** The next instruction begins a group that is recorded. */
  private beginsGroup = false
  private groups = 0
  private edges = 0

  constructor(module: Module, schedule: Schedule, instructions: number, heard: Heard) {
    this.module = module
    this.schedule = schedule
    this.recorded = heard === 'recorded'
    this.stepped = heard === 'stepped'
    this.growthImport = growthImportOf(module, schedule)
    this.code = new Int32Array(instructions * WORDS)
    this.costs = new Float64Array(instructions)
    this.offsets = new Int32Array(instructions)
  }

  finish(): Omit<LoweredModule, 'functions'> {
    return {
      code: this.code.slice(0, this.position * WORDS),
      costs: this.costs.slice(0, this.position),
      offsets: this.offsets.slice(0, this.position),
      branchTargets: Int32Array.from(this.branchTargets),
    }
  }

  body(bodyIndex: number, heights: Int32Array, values: number, results: number): void {
    const { words, count, labels: depths } = this.module.bodies[bodyIndex]!.code
    this.beginsGroup = true
    const start = this.position
    const labels: Label[] = [
      { op: BLOCK, dead: false, arity: results, height: values, start: 0, waiting: [], condition: -1 },
    ]
    for (let i = 0; i < count; i++) {
      const at = i * WORDS
      const op = words[at]!
      const offset = words[at + 1]!
      const a = words[at + 2]!
      const b = words[at + 3]!
      const height = heights[i]!
      switch (op) {
        case 0x01: // nop
          continue
        case 0x02: // block
        case 0x03: // loop
        case 0x04: // if
          // A branch back to a loop does not enter the function that begins with it.
          if (op === LOOP && this.recorded && this.position === start) this.recordGroup(offset)
          labels.push(this.open(op, offset, a, height, values))
          continue
        case 0x05: // else
          this.otherwise(labels.at(-1)!, offset, height)
          continue
        case 0x0b: // end
          this.close(labels.pop()!, offset, labels.length === 0)
          continue
      }
      if (height < 0) continue
      if (op === BR || op === BR_IF) this.branch(op, offset, a >>> 0, labels)
      else if (op === BR_TABLE) this.branchTable(offset, a, b, depths, labels)
      else this.plain(op, offset, a, b)
    }
  }

  private open(op: number, offset: number, a: number, height: number, values: number): Label {
    const { params, results } = blockSignature(this.module, a)
    const dead = height < 0
    if (op === LOOP) this.beginsGroup = true
    else if (op === IF && !dead) this.record(IF, offset)
    const label = {
      op,
      dead,
      arity: op === LOOP ? params.length : results.length,
      height: values + height - params.length - (op === IF ? 1 : 0),
      start: this.position,
      waiting: [],
      condition: -1,
    }
    if (op === IF && !dead) {
      label.condition = this.position * WORDS + 1
      this.emit(IF, offset, 0, 0, 0, this.schedule.classes.branch)
    }
    return label
  }

  private otherwise(label: Label, offset: number, height: number): void {
    if (label.dead) return
    if (height >= 0) {
      this.record(ELSE, offset)
      label.waiting.push(this.position * WORDS + 1)
      this.emit(ELSE, offset, 0, 0, 0, 0)
    }
    this.code[label.condition] = this.position
    label.condition = -1
    this.beginsGroup = true
  }

  private close(label: Label, offset: number, endsFunction: boolean): void {
    if (label.dead) return
    if (label.condition >= 0) this.code[label.condition] = this.position
    for (const word of label.waiting) {
      if (word >= 0) this.code[word] = this.position
      else this.branchTargets[-1 - word] = this.position
    }
    this.beginsGroup = true
    if (endsFunction) this.end(offset)
  }

  /** Of a function. */
  private end(offset: number): void {
    this.record(END, offset)
    this.emit(END, offset, 0, 0, 0, 0)
  }

  private branch(op: number, offset: number, depth: number, labels: readonly Label[]): void {
    const label = labels[labels.length - 1 - depth]!
    this.record(op, offset)
    if (label.op !== LOOP) label.waiting.push(this.position * WORDS + 1)
    this.emit(op, offset, label.start, label.arity, label.height, this.schedule.classes.branch)
  }

  private branchTable(offset: number, a: number, b: number, depths: Uint32Array, labels: readonly Label[]): void {
    const cost = instructionCost(this.module, this.schedule, BR_TABLE, a, b)
    this.record(BR_TABLE, offset, b)
    this.emit(BR_TABLE, offset, this.branchTargets.length, b, 0, cost)
    for (let i = 0; i <= b; i++) {
      const label = labels[labels.length - 1 - depths[a + i]!]!
      if (label.op !== LOOP) label.waiting.push(-1 - this.branchTargets.length)
      this.branchTargets.push(label.start, label.arity, label.height)
    }
  }

  private plain(op: number, offset: number, a: number, b: number): void {
    const { module, schedule } = this
    const cost = instructionCost(module, schedule, op, a, b)
    this.record(op, offset)
    if (INSTRUCTIONS[op]!.feature === 'float') this.emit(FLOAT_TRAP, offset, 0, 0, 0, cost)
    else if (op === CALL || op === RETURN_CALL) {
      if (a < module.importedFunctions) this.emit(CALL_IMPORT, offset, a, 0, 0, cost)
      else this.emit(op, offset, a - module.importedFunctions, 0, 0, cost)
    } else if ((op === GLOBAL_GET || op === GLOBAL_SET) && module.globalTypes[a]!.type === 'funcref') {
      this.emit(op === GLOBAL_GET ? GLOBAL_GET_REFERENCE : GLOBAL_SET_REFERENCE, offset, a, 0, 0, cost)
    } else if (op === MEMORY_GROW) this.emit(op, offset, this.growthImport, 0, perUnitCost(schedule, op), cost)
    else this.emit(op, offset, a, b, perUnitCost(schedule, op), cost)
    if (op === RETURN_CALL || op === RETURN_CALL_INDIRECT) this.end(offset)
  }

  /** Puts what records the instruction that is emitted next before it. `choices`: of a br_table, all but the default. */
  private record(op: number, offset: number, choices = 1): void {
    if (this.stepped) this.emit(STEP, offset, 0, 0, 0, 0)
    if (!this.recorded) return
    if (this.beginsGroup) this.recordGroup(offset)
    this.beginsGroup = ENDS_GROUP.has(op)
    if (op !== IF && op !== BR_IF && op !== BR_TABLE && op !== SELECT && op !== SELECT_T) return
    this.emit(RECORD_CHOICE, offset, this.edges, choices, op === BR_TABLE ? 0 : 1, 0)
    this.edges += choices + 1
  }

  private recordGroup(offset: number): void {
    this.emit(RECORD_GROUP, offset, this.groups++, 0, 0, 0)
  }

  private emit(op: number, offset: number, a: number, b: number, c: number, cost: number): void {
    const at = this.position * WORDS
    this.code[at] = op
    this.code[at + 1] = a
    this.code[at + 2] = b
    this.code[at + 3] = c
    this.costs[this.position] = cost
    this.offsets[this.position] = offset
    this.position++
  }
}
