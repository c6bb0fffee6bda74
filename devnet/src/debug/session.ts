/**
 * An execution that is stopped, looked at, and moved on, forwards and backwards. Forwards it goes on where it stands;
 * backwards it begins again and stops earlier, so that nothing of the way has to be kept, however long it is. Stops are
 * inside the execution: the caller answers each with the next move, and asks what it wants to know meanwhile.
 */
import { Rerun, type RerunFrame, type RerunResult, type RerunTask, type SteppedCode } from '@touchstone/node/rerun'
import { bytesToHex, type Hex } from 'viem'
import { type Fault, Faults, outcomeWords } from './faults.ts'
import { MAX_REVERT_DATA, SEARCH_FACTOR, SEARCH_STEPS, STEPS_BETWEEN_LOOKS } from './limits.ts'
import { HostCalls, Looks } from './looks.ts'
import { NO_LINE } from './moduleLines.ts'
import { Modules, type NamedSource } from './modules.ts'
import type {
  AnswerTo,
  Breakpoint,
  Move,
  Outcome,
  Question,
  SetBreakpoint,
  Stop,
  StopReason,
  StopsAtFaults,
} from './protocol.ts'

export interface SessionOptions {
  /** The source of a module that runs at these addresses. */
  readonly sourceOf: (moduleHash: Hex, address: Hex) => NamedSource
  /** Name or address, for people. */
  readonly label: (address: Hex) => string
  /** Looked at every some steps: whether it is to stop where it is. */
  readonly isPaused?: () => boolean
  /** Told every some steps how far it is. */
  readonly onProgress?: (step: number) => void
}

/** Null ends the session. */
export type NextMove = (stop: Stop) => Move | null

/** Where a line is left, or a stop is, as far as moves compare it. */
interface Here {
  readonly frames: number
  readonly frame: number
  readonly depth: number
  readonly line: number
  readonly isSourceless: boolean
}

type Goal =
  /** Stops at an instruction. */
  | { readonly kind: 'at'; readonly step: number; readonly reason: StopReason }
  /** Stops at the first instruction behind `after` that is one of these. */
  | {
      readonly kind: 'first'
      readonly after: number
      readonly stops: (here: Here) => boolean
      readonly reason: StopReason
      /** False: only at what is watched. */
      readonly everyStep: boolean
    }
  /** Begins again and stops at the last instruction before `before` that `picks` one. */
  | {
      readonly kind: 'last'
      readonly before: number
      readonly from: number
      /** Of what is picked when it begins at `from`; it is asked anew each time. */
      readonly picks: (from: number) => Pick
      /** One that is known already; 0 for none. */
      readonly least: number
      readonly reason: StopReason
      readonly everyStep: boolean
    }

/** Hears one instruction after the other: whether it may be the one, or (null) that none before it is. */
type Pick = (here: Here) => boolean | null

class Again extends Error {}
class Quit extends Error {}

export class DebugSession {
  readonly #rerun: Rerun
  readonly #options: SessionOptions
  readonly #modules = new Modules()
  readonly #hostCalls = new HostCalls()
  readonly #looks: Looks
  #faults = new Faults()
  #stopsAtFaults: StopsAtFaults = 'last'
  #steps = 0
  #result: RerunResult | null = null
  #revertData: Hex | null = null
  #lastCall: { readonly step: number; readonly name: string } | null = null
  #next: NextMove = () => null
  #goal: Goal = { kind: 'at', step: 1, reason: 'entry' }
  #pick: Pick | null = null
  #picked = 0
  #lookAt = 0
  /** The failure that a move forwards comes to. */
  #fault = Number.POSITIVE_INFINITY
  /** It runs for the first time, and nobody stops it. */
  #isFirst = true
  #stop: Stop | null = null

  constructor(task: RerunTask, options: SessionOptions) {
    this.#options = options
    this.#rerun = new Rerun(task, {
      code: (code, hash, address) => this.#code(code, hash, address),
      step: (frame) => this.#step(frame),
      hostCall: (frame, call) => {
        this.#lastCall = { step: this.#rerun.clock.steps, name: call.name }
        this.#hostCalls.add(this.#options.label(bytesToHex(frame.codeAddress)), call)
        if (this.#isFirst) this.#faults.hostCall(frame, call.name, this.#rerun.clock.steps)
      },
      leave: (frame, result) => {
        if (!this.#isFirst) return
        const { steps } = this.#rerun.clock
        const lastCall = this.#lastCall?.step === steps ? this.#lastCall.name : null
        // Of the outermost frame, which leaves last.
        this.#revertData = result.kind === 'revert' ? bytesToHex(result.output.subarray(0, MAX_REVERT_DATA)) : null
        this.#faults.leave(frame, this.#rerun.frames.at(-2) ?? null, result, steps, lastCall)
      },
    })
    this.#looks = new Looks(this.#rerun, this.#modules, options.label)
  }

  /** Runs it once, from the beginning to the end. To be called first. @throws RerunError. */
  prepare(): Outcome {
    this.#rerun.clock.next = 0
    this.#goal = { kind: 'at', step: Number.POSITIVE_INFINITY, reason: 'end' }
    this.#lookLater()
    this.#begin()
    this.#result = this.#rerun.run()
    this.#steps = this.#rerun.clock.steps
    this.#isFirst = false
    return { ...this.#result, revertData: this.#revertData }
  }

  /** Instructions of the whole. */
  get steps(): number {
    return this.#steps
  }

  /** The failure of the whole, null of a success or where no instruction ran. */
  get lastFault(): Fault | null {
    const { last } = this.#faults
    return last === null || last.step === 0 ? null : last
  }

  /** Stops first where it failed, or at its first line, and answers each stop with what `next` says. */
  run(next: NextMove): void {
    this.#next = next
    this.#goal = this.#first()
    for (;;) {
      this.#begin()
      try {
        this.#rerun.run()
        this.#ended()
      } catch (error) {
        if (error instanceof Quit) return
        if (!(error instanceof Again)) throw error
      }
    }
  }

  answer<Q extends Question>(question: Q): AnswerTo<Q> {
    // The compiler does not see that the answer is of the question's kind.
    return this.#answer(question) as AnswerTo<Q>
  }

  #answer(question: Question): AnswerTo<Question> {
    if (question.ask === 'breakpoints') return this.#setBreakpoints(question.list, question.faults)
    if (question.ask === 'hostCalls') return this.#hostCalls.last
    if (question.ask === 'summary') return { fault: this.lastFault?.step ?? null }
    return this.#looks.answer(question)
  }

  #begin(): void {
    this.#hostCalls.clear()
    this.#lastCall = null
    const goal = this.#goal
    this.#pick = goal.kind === 'last' ? goal.picks(goal.from) : null
    this.#picked = goal.kind === 'last' ? goal.least : 0
    this.#rerun.clock.steps = 0
    this.#lookLater()
  }

  #first(): Goal {
    const fault = this.lastFault
    if (fault !== null) return { kind: 'at', step: fault.step, reason: 'fault' }
    const stops = ({ line }: Here) => line !== NO_LINE
    const hasLines = this.#modules.all.some(({ lines }) => lines.hasLines)
    return hasLines
      ? { kind: 'first', after: 0, stops, reason: 'entry', everyStep: true }
      : { kind: 'at', step: 1, reason: 'entry' }
  }

  #code(code: SteppedCode, moduleHash: Uint8Array, codeAddress: Uint8Array): void {
    const address = bytesToHex(codeAddress)
    this.#modules.add(code, address, () => this.#options.sourceOf(bytesToHex(moduleHash), address))
  }

  /** The clock tells of the next step that matters, of what is watched, and every some steps of any. */
  #lookLater(): void {
    const { clock } = this.#rerun
    const goal = this.#goal
    const soon = clock.steps + STEPS_BETWEEN_LOOKS
    this.#lookAt = soon
    if (goal.kind === 'first') this.#fault = this.#nextFault(goal.after)
    if (goal.kind === 'at') clock.next = Math.min(goal.step, soon)
    else if (goal.kind === 'first') clock.next = goal.everyStep ? 0 : Math.min(this.#fault, soon)
    else if (goal.everyStep && clock.steps >= goal.from) clock.next = 0
    else clock.next = Math.min(goal.everyStep ? goal.from : goal.before, goal.before, soon)
  }

  #step(frame: RerunFrame): void {
    const { clock } = this.#rerun
    const step = clock.steps
    if (this.#isFirst) {
      if (step >= this.#lookAt) this.#look()
      return
    }
    const goal = this.#goal
    if (goal.kind === 'at') {
      if (step === goal.step) this.#stopped(step, frame, goal.reason)
    } else if (goal.kind === 'first') {
      if (step > goal.after) this.#search(goal, step, frame)
    } else if (step >= goal.before) this.#found(goal)
    else if (step >= goal.from && (goal.everyStep || this.#isWatched(frame))) {
      const isPicked = this.#pick!(this.#here(frame))
      if (isPicked === null) this.#picked = goal.least
      else if (isPicked && step > this.#picked) this.#picked = step
      if (goal.everyStep) clock.next = 0
    }
    if (step >= this.#lookAt) this.#look(frame)
  }

  #search(goal: Goal & { readonly kind: 'first' }, step: number, frame: RerunFrame): void {
    if (step === this.#fault) this.#stopped(step, frame, 'fault')
    else if (this.#isWatched(frame)) this.#stopped(step, frame, 'breakpoint')
    else if (goal.everyStep && goal.stops(this.#here(frame))) this.#stopped(step, frame, goal.reason)
  }

  #look(frame: RerunFrame | null = null): void {
    const { isPaused, onProgress } = this.#options
    const { steps } = this.#rerun.clock
    onProgress?.(steps)
    if (frame !== null && isPaused?.() === true) this.#stopped(steps, frame, 'pause')
    this.#lookLater()
  }

  /** Asks what comes next, and goes on or begins again. */
  #stopped(step: number, frame: RerunFrame, reason: StopReason): void {
    const here = this.#here(frame)
    this.#looks.begin()
    const place = this.#looks.placeOf(0)
    const isRefusal = this.#faultHere()?.kind === 'revert'
    this.#stop = { reason, step, steps: this.#steps, place, words: this.#words(reason, frame), isRefusal }
    this.#decide(this.#stop, here)
  }

  #ended(): void {
    const goal = this.#goal
    // A search from the end on knows only now what it was for.
    if (goal.kind === 'last') this.#found(goal)
    this.#looks.begin()
    const words = this.#result === null ? null : outcomeWords(this.#result)
    const step = this.#steps + 1
    this.#stop = { reason: 'end', step, steps: this.#steps, place: null, words, isRefusal: false }
    for (;;) this.#decide(this.#stop, null)
  }

  /** `here`: null at the end. */
  #decide(stop: Stop, here: Here | null): void {
    const move = this.#next(stop)
    if (move === null) throw new Quit()
    const goal = this.#goalOf(move, stop.step, here)
    this.#goal = goal
    const isBehind = goal.kind === 'last' || (goal.kind === 'at' && goal.step <= stop.step)
    if (isBehind) throw new Again()
    this.#lookLater()
  }

  #goalOf(move: Move, step: number, here: Here | null): Goal {
    if (move.how === 'to') {
      return { kind: 'at', step: Math.max(1, Math.min(move.step, this.#steps)), reason: 'step' }
    }
    if (move.how === 'instruction') {
      const to = move.back ? Math.max(1, step - 1) : step + 1
      return { kind: 'at', step: to, reason: to === 1 ? 'start' : 'step' }
    }
    return move.back ? this.#goalBack(move.how, step, here) : goalForward(move.how, step, here)
  }

  #goalBack(how: 'into' | 'over' | 'out' | 'continue', before: number, here: Here | null): Goal {
    if (how === 'continue') {
      const least = Math.max(0, ...[...this.#faultSteps()].filter((step) => step < before))
      return { kind: 'last', before, from: 1, picks: () => () => true, least, reason: 'breakpoint', everyStep: false }
    }
    const from = Math.max(1, before - SEARCH_STEPS)
    const reason = 'step'
    if (how === 'out') {
      const picks = () => (other: Here) => here !== null && isAbove(other, here) && isStop(other, here)
      return { kind: 'last', before, from, picks, least: 0, reason, everyStep: true }
    }
    const picks = (begun: number) =>
      here === null && how === 'over' ? outermostStarts(begun === 1) : lineStarts(how, here, begun === 1)
    return { kind: 'last', before, from, picks, least: 0, reason, everyStep: true }
  }

  /** A search that has come to where it began: stops at what it found, or looks further back. */
  #found(goal: Goal & { readonly kind: 'last' }): never {
    const step = this.#picked
    if (step > 0) this.#goal = { kind: 'at', step, reason: this.#faultSteps().has(step) ? 'fault' : goal.reason }
    else if (goal.everyStep && goal.from > 1)
      this.#goal = { ...goal, from: Math.max(1, goal.before - (goal.before - goal.from) * SEARCH_FACTOR) }
    else this.#goal = { kind: 'at', step: 1, reason: 'start' }
    throw new Again()
  }

  #here(frame: RerunFrame): Here {
    const stepped = frame.stepped!
    const { lines } = this.#modules.of(stepped.code)
    return {
      frames: this.#rerun.frames.length,
      frame: frame.id,
      depth: stepped.depth,
      line: lines.hasLines ? lines.lineAt[stepped.position]! : NO_LINE,
      isSourceless: !lines.hasLines,
    }
  }

  #isWatched({ stepped }: RerunFrame): boolean {
    return stepped?.code.isWatched(stepped.position) === true
  }

  #faultSteps(): ReadonlySet<number> {
    if (this.#stopsAtFaults === 'none') return new Set()
    if (this.#stopsAtFaults === 'all') return new Set(this.#faults.all.map(({ step }) => step))
    return new Set(this.lastFault === null ? [] : [this.lastFault.step])
  }

  #nextFault(after: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const step of this.#faultSteps()) if (step > after && step < next) next = step
    return next
  }

  #words(reason: StopReason, { stepped }: RerunFrame): string | null {
    if (reason === 'breakpoint') return stepped?.code.importAt(stepped.position) ?? null
    const fault = this.#faultHere()
    if (fault === undefined) return null
    if (fault.words !== null) return fault.words
    return fault === this.lastFault && this.#result !== null ? outcomeWords(this.#result) : 'the contract refuses'
  }

  #faultHere(): Fault | undefined {
    const { steps } = this.#rerun.clock
    return this.#faults.all.find(({ step }) => step === steps)
  }

  #setBreakpoints(list: readonly Breakpoint[], faults: StopsAtFaults): readonly SetBreakpoint[] {
    this.#stopsAtFaults = faults
    return this.#modules.watch(list)
  }
}

function goalForward(how: 'into' | 'over' | 'out' | 'continue', after: number, here: Here | null): Goal {
  const reason = 'step'
  if (how === 'continue') return { kind: 'first', after, stops: () => false, reason, everyStep: false }
  if (how === 'out') {
    const stops = (other: Here) => here === null || (isAbove(other, here) && isStop(other, here))
    return { kind: 'first', after, stops, reason, everyStep: true }
  }
  const stops = (other: Here) =>
    here === null || (isStop(other, here) && (how === 'into' || !isBelow(other, here)) && !isSameLine(other, here))
  return { kind: 'first', after, stops, reason, everyStep: true }
}

/** The beginnings of lines that stepping would have stopped at. `isWhole`: nothing was before what it hears. */
function lineStarts(how: 'into' | 'over', here: Here | null, isWhole: boolean): Pick {
  let before: Here | null = null
  return (other) => {
    if (!isStop(other, here) || (how === 'over' && here !== null && isBelow(other, here))) return false
    const isNew = before === null ? isWhole : !isSameLine(other, before)
    before = other
    return isNew
  }
}

/** Seen from the end: the beginnings of lines of the outermost function that has some, and of none that it calls. */
function outermostStarts(isWhole: boolean): Pick {
  let before: Here | null = null
  return (other) => {
    if (!isStop(other, null) || (before !== null && isBelow(other, before))) return false
    const isOuter = before !== null && !isBeside(other, before)
    const isNew = before === null || isOuter ? isWhole : !isSameLine(other, before)
    before = other
    // Further out it stands in the middle of a line, unless it has heard all: what is further in is no place to stop at.
    return isOuter && !isWhole ? null : isNew
  }
}

function isBeside(one: Here, other: Here): boolean {
  return one.frames === other.frames && one.frame === other.frame && one.depth === other.depth
}

/** An instruction of a line of the author's; of a module without lines any, for who steps through such a one. */
function isStop(other: Here, here: Here | null): boolean {
  return other.line !== NO_LINE || (other.isSourceless && (here === null || here.isSourceless))
}

function isSameLine(one: Here, other: Here): boolean {
  if (one.isSourceless) return false
  return one.frame === other.frame && one.depth === other.depth && one.line === other.line
}

/** Whether it waits for `here`. */
function isAbove(other: Here, here: Here): boolean {
  return (
    other.frames < here.frames ||
    (other.frames === here.frames && other.frame === here.frame && other.depth < here.depth)
  )
}

/** Whether `here` waits for it, or it is in a frame that does not concern it. */
function isBelow(other: Here, here: Here): boolean {
  if (other.frames !== here.frames) return other.frames > here.frames
  return other.frame !== here.frame || other.depth > here.depth
}
