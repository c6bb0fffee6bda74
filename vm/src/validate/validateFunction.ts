/**
 * Validates one function body with the algorithm of the core specification's appendix ("Validation Algorithm"): a
 * stack of operand types and a stack of control frames. `null` on the operand stack is the unknown type of code that
 * cannot be reached.
 */
import { EMPTY_BLOCK, valueBlock } from '../binary/decodeCode.ts'
import { type FunctionBody, functionTypeOf, type Module, WORDS } from '../binary/module.ts'
import { INSTRUCTIONS, type InstructionInfo, instructionName, OP, VALUE_TYPES } from '../binary/opcodes.ts'
import { type FunctionType, sameTypes, type ValueType } from '../binary/types.ts'
import type { Limits } from '../limits.ts'
import { checkLimit, type InvalidCode, type ModulePosition } from '../validationError.ts'
import { pointsOf } from './controlPoints.ts'
import {
  at,
  checkFunctionIndex,
  checkMemory,
  checkTableIndex,
  globalAt,
  invalid,
  type ModuleContext,
} from './moduleContext.ts'

const { block: BLOCK, loop: LOOP, else: ELSE } = OP

/** The facts that validation learns of a body and later passes need. */
export interface FunctionFacts {
  /**
   * Number of operands before each instruction; -1 where the code cannot be reached, that is, after an unconditional
   * branch, return, tail call or `unreachable` of the same block.
   */
  readonly heights: Int32Array
  /** There are instructions that cannot be reached, besides the `else` and `end` of a block. */
  readonly hasDeadCode: boolean
  /** Most operands on the stack after any instruction that can be reached. */
  readonly maxHeight: number
  /**
   * At each control point (controlPoints.ts) the parameters, declared locals and operands that can be there, all points
   * together.
   */
  readonly controlValues: number
  /** Loops, reachable or not. */
  readonly loops: number
  /** Positions of the calls of any kind, reachable or not, in order. */
  readonly calls: readonly number[]
  /** There is table.set, table.init, table.copy, table.grow or table.fill, reachable or not. */
  readonly changesTables: boolean
}

interface ControlFrame {
  readonly op: number
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  /** Operand stack height at the start of the block, its parameters not counted. */
  readonly height: number
  /** After an instruction that never goes on: the stack below is unknown. */
  unreachable: boolean
  /** The whole block stands in code that cannot be reached. */
  readonly dead: boolean
  /** Branches to this label so far. */
  branches: number
}

/** By op: 1 where an instruction names a memory, a table or a segment, but for loads and stores. */
const NAMES_MORE = Uint8Array.from(INSTRUCTIONS, (info) =>
  /memory$|table|data|element/.test(info?.immediates ?? '') ? 1 : 0,
)

const NO_CALLS: readonly number[] = []
const NO_TYPES: readonly ValueType[] = []
const SINGLE_TYPES: readonly (readonly ValueType[])[] = VALUE_TYPES.map((type) => [type])

/** Parameters and results of a block type word. */
export function blockSignature(module: Module, a: number): FunctionType {
  if (a === EMPTY_BLOCK) return { params: NO_TYPES, results: NO_TYPES }
  if (a < 0) return { params: NO_TYPES, results: SINGLE_TYPES[VALUE_TYPES.indexOf(valueBlock(a))]! }
  return module.types[a]!
}

/** @throws ValidationError. */
export function validateFunction(
  context: ModuleContext,
  limits: Limits,
  functionIndex: number,
  body: FunctionBody,
): FunctionFacts {
  return new FunctionValidator(context, limits, functionIndex, body).run()
}

/**
 * The types of the operands before instruction `position` of a valid body, the topmost last; null of one that nothing
 * tells.
 */
export function operandTypesAt(
  context: ModuleContext,
  limits: Limits,
  functionIndex: number,
  body: FunctionBody,
  position: number,
): readonly (ValueType | null)[] {
  const validator = new FunctionValidator(context, limits, functionIndex, body)
  validator.run(position)
  return validator.operands
}

class FunctionValidator {
  private readonly context: ModuleContext
  private readonly module: Module
  private readonly limits: Limits
  private readonly functionIndex: number
  private readonly body: FunctionBody
  private readonly type: FunctionType
  private readonly locals: readonly ValueType[]
  readonly operands: (ValueType | null)[] = []
  private readonly controls: ControlFrame[] = []
  private instruction = 0
  /** By the depth of a label: the last br_table that has checked it. */
  private readonly checkedIn: number[] = []
  private calls: number[] | null = null
  private changesTables = false

  constructor(context: ModuleContext, limits: Limits, functionIndex: number, body: FunctionBody) {
    this.context = context
    this.module = context.module
    this.limits = limits
    this.functionIndex = functionIndex
    this.body = body
    this.type = functionTypeOf(context.module, functionIndex)
    this.locals = [...this.type.params, ...body.locals]
  }

  /** `count`: of the instructions that are looked at, all unless said. */
  run(count = this.body.code.count): FunctionFacts {
    const { words } = this.body.code
    const heights = new Int32Array(count)
    let maxHeight = 0
    let hasDeadCode = false
    let controlValues = 0
    let loops = 0
    this.pushControl(BLOCK, { params: NO_TYPES, results: this.type.results })
    for (let i = 0; i < count; i++) {
      this.instruction = i
      const at = i * WORDS
      const frame = this.controls[this.controls.length - 1]!
      const op = words[at]!
      if (frame.unreachable || frame.dead) {
        heights[i] = -1
        if (op !== 0x05 /* else */ && op !== 0x0b /* end */) hasDeadCode = true
      } else heights[i] = this.operands.length
      const points = pointsOf(op, words[at + 3]!)
      if (points > 0) controlValues += points * (this.locals.length + Math.max(heights[i]!, 0))
      if (op === LOOP) loops++
      this.step(op, words[at + 2]!, words[at + 3]!)
      const top = this.controls[this.controls.length - 1]
      if (top === undefined || top.unreachable || top.dead) continue
      if (this.operands.length > maxHeight) maxHeight = this.operands.length
    }
    checkLimit('controlValues', controlValues, this.limits.controlValues, at(this.body.offset, this.functionIndex))
    const { calls, changesTables } = this
    return {
      heights,
      hasDeadCode,
      maxHeight: Math.max(maxHeight, this.type.results.length),
      controlValues,
      loops,
      calls: calls ?? NO_CALLS,
      changesTables,
    }
  }

  private step(op: number, a: number, b: number): void {
    const info = INSTRUCTIONS[op]!
    if (info.accessBytes > 0) this.checkAccess(info.accessBytes, b)
    else if (NAMES_MORE[op] === 1) this.checkNames(info, a, b)
    const { signature } = info
    if (signature !== null) {
      if (op === 0xd2 /* ref.func */) this.referenceFunction(a >>> 0)
      this.popAll(signature.params)
      this.pushAll(signature.results)
    } else this.special(op, a, b)
  }

  /** The module has the memories, tables and segments that an instruction names. */
  private checkNames({ op, immediates }: InstructionInfo, a: number, b: number): void {
    const { module } = this
    if (immediates === 'memory' || immediates === 'memory-memory' || immediates === 'data-memory') {
      checkMemory(module, this.position())
    }
    if (immediates === 'table' || immediates === 'table-table') {
      checkTableIndex(module, a >>> 0, this.position())
      // All but table.get and table.size.
      if (op !== 0x25 /* table.get */ && op !== 0xf0 /* table.size */) this.changesTables = true
    }
    if (immediates === 'table-table' || immediates === 'element-table' || immediates === 'type-table') {
      checkTableIndex(module, b >>> 0, this.position())
      if (immediates === 'element-table') this.changesTables = true
    }
    if (immediates === 'data' || immediates === 'data-memory') this.checkSegment(a >>> 0, module.dataCount ?? 0, 'data')
    if (immediates === 'element' || immediates === 'element-table') {
      this.checkSegment(a >>> 0, module.elements.length, 'element')
    }
  }

  private special(op: number, a: number, b: number): void {
    switch (op) {
      case 0x00: // unreachable
        this.unreachable()
        return
      case 0x02: // block
      case 0x03: // loop
      case 0x04: {
        // if
        if (op === 0x04 /* if */) this.pop('i32')
        const signature = blockSignature(this.module, a)
        this.popAll(signature.params)
        this.pushControl(op, signature)
        return
      }
      case 0x05: {
        // else
        const frame = this.popControl()
        this.pushControl(ELSE, frame)
        return
      }
      case 0x0b: {
        // end
        const frame = this.popControl()
        // An if without an else returns its parameters when the condition is false.
        if (frame.op === 0x04 /* if */ && !sameTypes(frame.params, frame.results)) {
          const problem = 'an if without an else must give back the types it takes'
          this.fail('invalid:else-missing', problem)
        }
        this.pushAll(frame.results)
        return
      }
      case 0x0c: {
        // br
        this.popAll(this.branchTypes(a >>> 0))
        this.unreachable()
        return
      }
      case 0x0d: {
        // br_if
        this.pop('i32')
        const types = this.branchTypes(a >>> 0)
        this.popAll(types)
        this.pushAll(types)
        return
      }
      case 0x0e: // br_table
        this.branchTable(a, b)
        return
      case 0x0f: // return
        this.popAll(this.type.results)
        this.unreachable()
        return
      case 0x10: // call
        this.noteCall()
        checkFunctionIndex(this.module, a >>> 0, this.position())
        this.call(functionTypeOf(this.module, a >>> 0))
        return
      case 0x11: // call_indirect
        this.noteCall()
        this.pop('i32')
        this.call(this.typeAt(a >>> 0))
        return
      case 0x12: // return_call
        this.noteCall()
        checkFunctionIndex(this.module, a >>> 0, this.position())
        this.tailCall(functionTypeOf(this.module, a >>> 0))
        return
      case 0x13: // return_call_indirect
        this.noteCall()
        this.pop('i32')
        this.tailCall(this.typeAt(a >>> 0))
        return
      case 0x1a: // drop
        this.popAny()
        return
      case 0x1b: // select
        this.select()
        return
      case 0x1c: {
        // select t
        const type = VALUE_TYPES[a]!
        this.pop('i32')
        this.pop(type)
        this.pop(type)
        this.operands.push(type)
        return
      }
      case 0x20: // local.get
        this.operands.push(this.localAt(a >>> 0))
        return
      case 0x21: // local.set
        this.pop(this.localAt(a >>> 0))
        return
      case 0x22: {
        // local.tee
        const type = this.localAt(a >>> 0)
        this.pop(type)
        this.operands.push(type)
        return
      }
      case 0x23: // global.get
        this.operands.push(globalAt(this.module, a >>> 0, this.position()).type)
        return
      case 0x24: {
        // global.set
        const { type, mutable } = globalAt(this.module, a >>> 0, this.position())
        if (!mutable) this.fail('invalid:immutable-global', `global ${a >>> 0} is immutable`)
        this.pop(type)
        return
      }
      default:
        throw new Error(`the validator has no rule for ${instructionName(op)}`)
    }
  }

  private noteCall(): void {
    this.calls ??= []
    this.calls.push(this.instruction)
  }

  private branchTable(first: number, count: number): void {
    this.pop('i32')
    const { labels } = this.body.code
    const defaultTypes = this.labelTypes(labels[first + count]!)
    for (let i = 0; i <= count; i++) {
      const depth = labels[first + i]!
      const types = this.labelTypes(depth)
      // Of 4 096 targets most are the same: each label is checked once.
      if (this.checkedIn[depth] === this.instruction) continue
      this.checkedIn[depth] = this.instruction
      if (types.length !== defaultTypes.length) {
        this.fail('invalid:branch-arity', 'the targets of a br_table take different numbers of values')
      }
      this.peekAll(types)
    }
    this.popAll(defaultTypes)
    this.unreachable()
  }

  private call({ params, results }: FunctionType): void {
    this.popAll(params)
    this.pushAll(results)
  }

  private tailCall({ params, results }: FunctionType): void {
    this.popAll(params)
    if (!sameTypes(results, this.type.results)) {
      this.fail('invalid:type-mismatch', 'a tail call to a function with other results')
    }
    this.unreachable()
  }

  private select(): void {
    this.pop('i32')
    const first = this.popAny()
    const second = this.popAny()
    if (first === 'funcref' || second === 'funcref') {
      this.fail('invalid:select-type', 'a select without a type chooses between references')
    }
    if (first !== null && second !== null && first !== second) this.mismatch(second, first)
    this.operands.push(first ?? second)
  }

  private referenceFunction(index: number): void {
    checkFunctionIndex(this.module, index, this.position())
    if (this.context.declared[index] !== 1) {
      const problem = `ref.func of function ${index}, which no element segment, export or global mentions`
      this.fail('invalid:undeclared-function', problem)
    }
    this.context.addressTaken[index] = 1
  }

  private checkAccess(bytes: number, exponent: number): void {
    if (this.module.memories.length === 0) checkMemory(this.module, this.position())
    if (exponent > 3 || 1 << exponent > bytes) {
      this.fail('invalid:alignment', `alignment 2^${exponent} is larger than the access`)
    }
  }

  private checkSegment(index: number, count: number, kind: string): void {
    if (index >= count) this.fail('invalid:unknown-segment', `unknown ${kind} segment ${index}`)
  }

  private localAt(index: number): ValueType {
    return this.locals[index] ?? this.fail('invalid:unknown-local', `unknown local ${index} of ${this.locals.length}`)
  }

  private typeAt(index: number): FunctionType {
    return this.module.types[index] ?? this.fail('invalid:unknown-type', `unknown type ${index}`)
  }

  private labelTypes(depth: number): readonly ValueType[] {
    return this.label(depth).op === 0x03 /* loop */ ? this.label(depth).params : this.label(depth).results
  }

  private label(depth: number): ControlFrame {
    const frame = this.controls[this.controls.length - 1 - depth]
    return frame ?? this.fail('invalid:unknown-label', `unknown label ${depth} of ${this.controls.length}`)
  }

  /** Types a branch to the label takes; counts the branch. */
  private branchTypes(depth: number): readonly ValueType[] {
    const frame = this.label(depth)
    frame.branches++
    checkLimit('branchesToLabel', frame.branches, this.limits.branchesToLabel, this.position())
    return this.labelTypes(depth)
  }

  private pushControl(op: number, { params, results }: FunctionType): void {
    const parent = this.controls.at(-1)
    const dead = parent !== undefined && (parent.unreachable || parent.dead)
    this.controls.push({ op, params, results, height: this.operands.length, unreachable: false, dead, branches: 0 })
    this.pushAll(params)
  }

  private popControl(): ControlFrame {
    const frame = this.controls.at(-1)!
    this.popAll(frame.results)
    if (this.operands.length !== frame.height) {
      const left = this.operands.length - frame.height
      this.fail('invalid:stack-overflow', `${left} values too many are left at the end of a block`)
    }
    this.controls.pop()
    return frame
  }

  private unreachable(): void {
    const frame = this.controls.at(-1)!
    this.operands.length = frame.height
    frame.unreachable = true
  }

  private popAny(): ValueType | null {
    const frame = this.controls[this.controls.length - 1]!
    if (this.operands.length === frame.height) {
      if (frame.unreachable) return null
      this.fail('invalid:stack-underflow', 'a value is needed and the stack is empty')
    }
    return this.operands.pop()!
  }

  private pop(expected: ValueType): void {
    const actual = this.popAny()
    if (actual !== null && actual !== expected) this.mismatch(expected, actual)
  }

  private popAll(types: readonly ValueType[]): void {
    for (let i = types.length - 1; i >= 0; i--) this.pop(types[i]!)
  }

  private pushAll(types: readonly ValueType[]): void {
    // By index: an iterator costs more than the rest where V8 has not optimised it.
    for (let i = 0; i < types.length; i++) this.operands.push(types[i]!)
  }

  /** Checks that `types` are on the stack and leaves the stack as it is. */
  private peekAll(types: readonly ValueType[]): void {
    const frame = this.controls.at(-1)!
    for (let i = 0; i < types.length; i++) {
      const expected = types[types.length - 1 - i]!
      const at = this.operands.length - 1 - i
      if (at < frame.height) {
        if (!frame.unreachable) this.fail('invalid:stack-underflow', 'a value is needed and the stack is empty')
      } else if (this.operands[at] !== null && this.operands[at] !== expected) {
        this.mismatch(expected, this.operands[at]!)
      }
    }
  }

  private mismatch(expected: ValueType, actual: ValueType): never {
    return this.fail('invalid:type-mismatch', `expected ${expected}, found ${actual}`)
  }

  private position(): ModulePosition {
    const at = this.instruction * WORDS
    const { words } = this.body.code
    return { functionIndex: this.functionIndex, offset: words[at + 1]!, instruction: instructionName(words[at]!) }
  }

  private fail(code: InvalidCode, problem: string): never {
    return invalid(code, problem, this.position())
  }
}
