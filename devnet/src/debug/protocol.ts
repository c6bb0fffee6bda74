/** Questions to an execution that is debugged, and answers: plain data, which crosses threads. */
import type { Hex } from 'viem'

/** How to go on. `back`: towards the beginning. */
export type Move =
  | { readonly how: 'into' | 'over' | 'out' | 'instruction' | 'continue'; readonly back: boolean }
  /** To an instruction, counted from 1. */
  | { readonly how: 'to'; readonly step: number }

export type Breakpoint =
  | { readonly kind: 'line'; readonly file: string; readonly line: number }
  | { readonly kind: 'function'; readonly name: string }
  /** Before a host function is called, by the name under which contracts import it. */
  | { readonly kind: 'host'; readonly name: string }

/** Failures of frames that it stops at: the one that ended the transaction, those that callers made do with too, or none. */
export type StopsAtFaults = 'last' | 'all' | 'none'

export interface Place {
  /** Name or address. */
  readonly contract: string
  readonly file: string | null
  readonly line: number | null
  /** Of the source, where it is known. */
  readonly text: string | null
  /** The line of a library that was inlined there; null of the line itself. */
  readonly inside: string | null
  readonly function: string
  /** Functions that the compiler has put into it there, the innermost first. */
  readonly inlined: readonly string[]
  /** Byte offset in the module. */
  readonly offset: number
  readonly instruction: string
}

export type StopReason = 'entry' | 'step' | 'breakpoint' | 'fault' | 'start' | 'end' | 'pause'

export interface Stop {
  readonly reason: StopReason
  /** The instruction that comes next, counted from 1; at the end one more than there are. */
  readonly step: number
  /** Instructions of the whole execution. */
  readonly steps: number
  /** Null at the end. */
  readonly place: Place | null
  /** Why it failed, or what was called; null where there is nothing to say. */
  readonly words: string | null
  /** A contract says no here, and no instruction failed. */
  readonly isRefusal: boolean
}

export interface StackEntry extends Place {
  /** 0 is the innermost; what other questions name. */
  readonly index: number
  /** The folder that {@link Place.file} is below, where it is known. */
  readonly root: string | null
  /** Of the first function of a contract's frame, how it was called; null of those above it. */
  readonly called: string | null
}

export interface Variable {
  readonly name: string
  readonly type: string
  readonly value: string
  /** False where its compiler has not kept it there. */
  readonly isKept?: false
  /** Its fields or elements, or what it points to. */
  readonly children?: readonly Variable[]
}

export type VariablesOf = 'locals' | 'operands' | 'globals' | 'storage' | 'frame'

export interface HostCallShown {
  readonly contract: string
  readonly name: string
  readonly args: string
  readonly outs: string
}

export interface ShownInstruction {
  readonly functionIndex: number
  readonly function: string
  readonly offset: number
  readonly text: string
  readonly isNext: boolean
  readonly file: string | null
  readonly line: number | null
}

export interface Outcome {
  readonly kind: 'success' | 'revert' | 'failure'
  readonly gasUsed: bigint
  readonly message: string | null
  /** Of a refusal what the contract gave, the beginning of it; null otherwise. */
  readonly revertData: Hex | null
}

export interface SetBreakpoint {
  /** Where it is, in words; null where there is no such place. */
  readonly at: string | null
  readonly line: number | null
}

export interface SourceFile {
  readonly contract: string
  readonly file: string
  readonly root: string | null
}

export type Question =
  | { readonly ask: 'breakpoints'; readonly list: readonly Breakpoint[]; readonly faults: StopsAtFaults }
  | { readonly ask: 'stack'; readonly from: number; readonly count: number }
  | { readonly ask: 'variables'; readonly index: number; readonly of: VariablesOf }
  | { readonly ask: 'value'; readonly index: number; readonly name: string }
  | { readonly ask: 'memory'; readonly index: number; readonly offset: number; readonly count: number }
  | { readonly ask: 'code'; readonly index: number; readonly before: number; readonly count: number }
  | { readonly ask: 'hostCalls' }
  | { readonly ask: 'summary' }
  | { readonly ask: 'sources' }
  | { readonly ask: 'text'; readonly file: string }

/** Whether it is answered wherever it stands, and while it moves. */
export function isAnywhere({ ask }: Question): boolean {
  return ask === 'breakpoints' || ask === 'sources' || ask === 'summary' || ask === 'text'
}

export interface Answers {
  readonly breakpoints: readonly SetBreakpoint[]
  readonly stack: { readonly entries: readonly StackEntry[]; readonly total: number }
  readonly variables: readonly Variable[]
  readonly value: Variable | null
  /** Hex; shorter where the memory ends. */
  readonly memory: { readonly hex: string; readonly size: number }
  readonly code: readonly ShownInstruction[]
  readonly hostCalls: readonly HostCallShown[]
  /** Where it fails; null where it does not. */
  readonly summary: { readonly fault: number | null }
  readonly sources: readonly SourceFile[]
  readonly text: string | null
}

export type AnswerTo<Q extends Question> = Answers[Q['ask']]
