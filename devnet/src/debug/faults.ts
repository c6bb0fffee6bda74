/** Where frames of an execution failed, and which of the failures is the cause of the last. */
import type { RerunFrame, RerunResult } from '@touchstone/node/rerun'
import { MAX_FAULTS } from './limits.ts'

export interface Fault {
  /** The instruction that failed, or that told why. */
  readonly step: number
  readonly kind: 'revert' | 'failure'
  /** For people; null of a refusal, whose data say it. */
  readonly words: string | null
}

interface Ended {
  readonly fault: Fault
  readonly output: Uint8Array
}

type FrameResult =
  | { readonly kind: 'success' | 'revert'; readonly output: Uint8Array }
  | { readonly kind: 'failure'; readonly output: Uint8Array; readonly reason: string }

export class Faults {
  /** In the order in which frames ended. */
  readonly all: Fault[] = []
  /** The cause of the failure of the outermost frame; null where it did not fail. */
  last: Fault | null = null
  /** Of open frames, by their ids: the failure of the frame that each began last. */
  readonly #inner = new Map<number, Ended | null>()
  /** Of open frames: the instruction that wrote its result last. */
  readonly #wrote = new Map<number, number>()

  hostCall({ id }: RerunFrame, name: string, step: number): void {
    if (name === 'write_result') this.#wrote.set(id, step)
  }

  /** `lastCall`: the host function that the instruction at `step` has called, null for none. */
  leave(frame: RerunFrame, outer: RerunFrame | null, result: FrameResult, step: number, lastCall: string | null): void {
    const { id } = frame
    const inner = this.#inner.get(id) ?? null
    const wrote = this.#wrote.get(id)
    this.#inner.delete(id)
    this.#wrote.delete(id)
    const ended = result.kind === 'success' ? null : endedBy(result, inner, step, lastCall, wrote)
    if (ended !== null && this.all.length < MAX_FAULTS) this.all.push(ended.fault)
    if (outer !== null) this.#inner.set(outer.id, ended)
    else this.last = ended?.fault ?? null
  }
}

/** A contract that fails because one that it called did passes on what that one said. */
function endedBy(
  result: Exclude<FrameResult, { kind: 'success' }>,
  inner: Ended | null,
  step: number,
  lastCall: string | null,
  wrote: number | undefined,
): Ended {
  if (inner !== null && result.kind === 'revert' && sameBytes(inner.output, result.output))
    return { fault: inner.fault, output: result.output }
  if (result.kind === 'failure')
    return { fault: { step, kind: 'failure', words: result.reason }, output: result.output }
  const told = lastCall === 'exit_early' ? step : (wrote ?? step)
  return { fault: { step: told, kind: 'revert', words: null }, output: result.output }
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i])
}

/** The end of it, in words. */
export function outcomeWords({ kind, message }: RerunResult): string {
  return kind === 'success' ? 'success' : (message ?? 'it failed')
}
