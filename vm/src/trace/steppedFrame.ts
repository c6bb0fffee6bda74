/** One frame of a contract that is stepped over: what the interpreter has at the last step that it told of. */
import type { ValueType } from '../binary/types.ts'
import type { Memory } from '../engine/engine.ts'
import { fromHalves, type ReferenceInstance } from '../engine/reference/instance.ts'
import { FRAME_WORDS } from '../engine/reference/interpreter.ts'
import type { ExecutionStepper, StepClock } from '../engine/reference/stepper.ts'
import type { SteppedCode } from './steppedCode.ts'

export interface SteppedValue {
  /** Null where nothing tells it: the value is then its lower 32 bits. */
  readonly type: ValueType | null
  readonly value: number | bigint
}

/** A function of the Wasm call stack. */
export interface SteppedFunction {
  readonly functionIndex: number
  /** Of the instruction that comes next, or that called the function above. */
  readonly position: number
  /** Parameters first. */
  readonly locals: readonly SteppedValue[]
  readonly operands: readonly SteppedValue[]
}

const NO_CELLS = new Int32Array(0)

export class SteppedFrame implements ExecutionStepper {
  readonly code: SteppedCode
  readonly clock: StepClock
  readonly marks: Uint8Array
  readonly #onStep: (frame: SteppedFrame) => void
  #instance: ReferenceInstance | null = null
  #position = 0
  #body = 0
  #base = 0
  #sp = 0
  #fp = 0
  #frames: Int32Array = NO_CELLS
  #low: Int32Array = NO_CELLS
  #high: Int32Array = NO_CELLS
  #fuel = 0

  /** `onStep` may throw, which ends the execution. */
  constructor(code: SteppedCode, clock: StepClock, onStep: (frame: SteppedFrame) => void) {
    this.code = code
    this.clock = clock
    this.marks = code.marks
    this.#onStep = onStep
  }

  begin(instance: ReferenceInstance): void {
    this.#instance = instance
  }

  step(
    position: number,
    body: number,
    base: number,
    sp: number,
    fp: number,
    frames: Int32Array,
    low: Int32Array,
    high: Int32Array,
    fuel: number,
  ): void {
    this.#position = position
    this.#body = body
    this.#base = base
    this.#sp = sp
    this.#fp = fp
    this.#frames = frames
    this.#low = low
    this.#high = high
    this.#fuel = fuel
    this.#onStep(this)
  }

  /** Whether there was a step. */
  get isStarted(): boolean {
    return this.#frames !== NO_CELLS
  }

  /** Of the instruction that comes next. */
  get position(): number {
    return this.#position
  }

  get functionIndex(): number {
    return this.code.importedFunctions + this.#body
  }

  /** Functions that wait for the innermost one. */
  get depth(): number {
    return this.#fp / FRAME_WORDS
  }

  /** Before the instruction that comes next. */
  get fuel(): number {
    return this.#fuel
  }

  get memory(): Memory | null {
    return this.#instance?.memory ?? null
  }

  /** All of the index space. */
  globals(): readonly SteppedValue[] {
    const globals = this.#instance?.globals ?? []
    return globals.map(({ type, low, high }) => ({ type, value: fromHalves(type, low, high) }))
  }

  /** The Wasm call stack, the innermost first: functions `from` to below `from + most`. */
  functions(from = 0, most = Number.POSITIVE_INFINITY): SteppedFunction[] {
    if (!this.isStarted) return []
    const found: SteppedFunction[] = []
    let [position, body, base, top] = [this.#position, this.#body, this.#base, this.#sp]
    for (let fp = this.#fp, i = 0; i < from + most; fp -= FRAME_WORDS, i++) {
      if (i >= from) found.push(this.#function(position, body, base, top))
      if (fp === 0) break
      top = base
      position = this.#frames[fp - FRAME_WORDS]! - 1
      base = this.#frames[fp - FRAME_WORDS + 1]!
      body = this.#frames[fp - 1]!
    }
    return found
  }

  #function(position: number, body: number, base: number, top: number): SteppedFunction {
    const types = this.code.localTypes(body)
    const first = base + types.length
    const operands = this.code.operandTypes(position)
    return {
      functionIndex: this.code.importedFunctions + body,
      position,
      locals: types.map((type, i) => this.#value(type, base + i)),
      operands: Array.from({ length: Math.max(0, top - first) }, (_, i) => this.#value(operands[i] ?? null, first + i)),
    }
  }

  #value(type: ValueType | null, cell: number): SteppedValue {
    return { type, value: fromHalves(type ?? 'i32', this.#low[cell]!, this.#high[cell]!) }
  }
}
