/**
 * The hook of the reference engine: whoever hears what is executed, group by group. A group is a straight run of
 * instructions, all of which are executed unless one of them traps; only the last one costs what is not known before
 * (recorded.ts). Only code that was lowered for it tells anything, so that other code does not even ask.
 */
export interface ExecutionRecorder {
  /** The host enters a function, counted from the first one defined in the module, on so much fuel. */
  begin(body: number, fuel: number): void
  /**
   * The instructions of a group are executed next. `depth`: calls, tail calls apart, between it and the function that the
   * host entered. `fuel`: left before the first of them, everything before it charged.
   */
  group(group: number, depth: number, fuel: number): void
  /** The instruction behind `position`, an `if`, `br_if`, `br_table` or `select`, chooses by this value. */
  choice(position: number, value: number): void
  /** The instruction at this position of the code traps; `end` follows. */
  stop(position: number): void
  /** The function that the host entered is over, with so much fuel left. A trap burns it all. */
  end(how: 'return' | 'exit' | 'trap', fuel: number): void
}

/** Of code that tells nothing. */
export const NO_RECORDER: ExecutionRecorder = { begin() {}, group() {}, choice() {}, stop() {}, end() {} }
