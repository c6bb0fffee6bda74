/**
 * The state of a local after a loop or a `switch`. The compiler takes what it knew at the end of the body, and not what
 * it knew at a `break` or `continue` on the way: a local that is null there counts as an object, one without a value as
 * having one, and reading it reads other memory. Here a local is known to be something only if it is at each jump too.
 */

import { type Compiler, type Flow, internals, type Method, numberOf } from '../internals.ts'

/** Flags of a flow that ends: how, and with which value. */
const ENDS = ['Returns', 'ReturnsWrapped', 'ReturnsNonNull', 'Throws', 'Continues', 'Terminates']
  .map((name) => numberOf(internals.FlowFlags, name))
  .reduce((all, flag) => all | flag)

interface Target {
  readonly isLoop: boolean
  /** The state of locals, by index, at every `break` so far; null before the first. */
  atBreaks: number[] | null
  atContinues: number[] | null
}

/** Loops and switches around the statement being compiled, innermost last. */
const targets: Target[] = []

/**
 * For `Compiler#compileDoStatement`, `compileForStatement`, `compileWhileStatement`, `compileSwitchStatement(statement)`.
 */
export function joinBreaks(isLoop: boolean): (original: Method) => Method {
  return (original) =>
    function (this: Compiler, statement: unknown) {
      const target: Target = { isLoop, atBreaks: null, atContinues: null }
      const { flags } = this.currentFlow
      targets.push(target)
      try {
        return original.call(this, statement)
      } finally {
        targets.pop()
        join(this.currentFlow, target.atBreaks)
        if (!isLoop && target.atBreaks !== null) goOn(this.currentFlow, flags)
      }
    }
}

/**
 * Of a case that may break and then ends in `return`, the compiler forgets the first when it forgets what breaks are for:
 * all that comes after the `switch` is dropped.
 */
function goOn(flow: Flow, before: number): void {
  flow.flags &= ~ENDS | before
}

/** For `Compiler#compileBreakStatement(statement)`. */
export function noteBreak(original: Method): Method {
  return function (this: Compiler, statement: unknown) {
    const target = targets.at(-1)
    if (target !== undefined) target.atBreaks = met(target.atBreaks, this.currentFlow)
    return original.call(this, statement)
  }
}

/** For `Compiler#compileContinueStatement(statement)`. */
export function noteContinue(original: Method): Method {
  return function (this: Compiler, statement: unknown) {
    const target = targets.findLast(({ isLoop }) => isLoop)
    if (target !== undefined) target.atContinues = met(target.atContinues, this.currentFlow)
    return original.call(this, statement)
  }
}

/** For `Flow#popControlFlowLabel(label)`, which loops call on the flow of their body when it is compiled. */
export function endBody(original: Method): Method {
  return function (this: Flow, label: number) {
    const target = targets.at(-1)
    if (target?.isLoop === true) {
      join(this, target.atContinues)
      keepLabels(this)
    }
    return original.call(this, label)
  }
}

/**
 * A `for` takes its body's labels away before the flow around it inherits what the body does. Outside other loops that has
 * none either, so a `break` counts as one of its own: the statements after the loop are dropped, or made a trap.
 */
function keepLabels(body: Flow): void {
  for (const name of ['breakLabel', 'continueLabel'] as const) {
    const label = body[name]
    Object.defineProperty(body, name, { get: () => label, set: () => {} })
  }
}

function met(known: number[] | null, flow: Flow): number[] {
  const now = flow.localFlags.slice()
  return known === null ? now : known.map((flags, index) => flags & (now[index] ?? 0))
}

function join(flow: Flow, known: readonly number[] | null): void {
  if (known === null) return
  // The array may be another flow's too.
  flow.localFlags = flow.localFlags.map((flags, index) => flags & (known[index] ?? 0))
}
