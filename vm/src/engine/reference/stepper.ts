/**
 * The hook of a debugger: an execution is stopped between two instructions and looked at. Only code that was lowered for it
 * asks, so that other code does not even look. A stepper changes nothing, so that outcome and fuel are as without it.
 */
import type { ReferenceInstance } from './instance.ts'

/** Counts the instructions of all instances that share it. */
export interface StepClock {
  /** The instruction that comes next is this one, counted from 1. */
  steps: number
  /** The stepper is told of this one in any case. */
  next: number
}

export interface ExecutionStepper {
  readonly clock: StepClock
  /** By position in the lowered code: of which steps it is always told, 0 for none. */
  readonly marks: Uint8Array
  /** The instance is made; nothing of it has run. */
  begin(instance: ReferenceInstance): void
  /**
   * The instruction at `position` is executed next. What it is given is the interpreter's own, which goes on changing: `fp`
   * words of `frames` (interpreter.ts) are the callers, and values of `body` are in the cells from `base` up to `sp`. An
   * exception ends the execution as a fault of the host.
   */
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
  ): void
}

/** Of code that has no steps. */
export const NO_STEPPER: ExecutionStepper = {
  clock: { steps: 0, next: 0 },
  marks: new Uint8Array(0),
  begin() {},
  step() {},
}
