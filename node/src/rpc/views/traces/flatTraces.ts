/**
 * OpenEthereum's traces, as trace_ methods and geth's flatCallTracer give them: a list of frames, each with where it is
 * in the tree.
 */
import { toHex, toQuantity } from '../../../codec/hex.ts'
import { isPrecompile } from '../../../execution/precompiles/precompileNames.ts'
import type { Step, TracedFrame } from '../../../execution/trace/callTree.ts'
import type { HexText } from './boundedHex.ts'
import { errorText } from './callTracer.ts'

export interface TracePlace {
  readonly block: { readonly hash: Uint8Array; readonly number: bigint }
  readonly transactionHash: Uint8Array | null
  readonly index: number
}

export interface FlatTrace {
  readonly action: Readonly<Record<string, string>>
  readonly result?: Readonly<Record<string, string>>
  readonly error?: string
  readonly subtraces: number
  readonly traceAddress: readonly number[]
  readonly type: 'call' | 'create'
}

export function flatTraces(root: TracedFrame, place: TracePlace, hex: HexText): FlatTrace[] {
  const where = {
    blockHash: toHex(place.block.hash),
    blockNumber: Number(place.block.number),
    transactionHash: place.transactionHash === null ? null : toHex(place.transactionHash),
    transactionPosition: place.index,
  }
  return bareTraces(root, hex).map((trace) => ({ ...trace, ...where }))
}

/** Without the block and the transaction: of a call that is in none. */
export function bareTraces(root: TracedFrame, hex: HexText): FlatTrace[] {
  const traces: FlatTrace[] = []
  const add = (frame: TracedFrame, traceAddress: readonly number[]): void => {
    const inner = frame.steps.flatMap((step) => (isShown(step) ? [step.frame] : []))
    traces.push(flat(frame, inner.length, traceAddress, hex))
    for (const [at, child] of inner.entries()) add(child, [...traceAddress, at])
  }
  add(root, [])
  return traces
}

/** Calls of precompiles are left out, as by OpenEthereum and geth (flatCallTracer without includePrecompiles). */
function isShown(step: Step): step is Extract<Step, { kind: 'frame' }> {
  return (
    step.kind === 'frame' &&
    !((step.frame.kind === 'CALL' || step.frame.kind === 'STATICCALL') && isPrecompile(step.frame.to))
  )
}

function flat(frame: TracedFrame, subtraces: number, traceAddress: readonly number[], hex: HexText): FlatTrace {
  const { kind, output, error } = frame
  const common = { from: toHex(frame.from), gas: toQuantity(frame.gas), value: toQuantity(frame.value) }
  const gasUsed = toQuantity(frame.gasUsed)
  if (kind === 'CREATE' || kind === 'CREATE2') {
    const action = { ...common, init: hex(frame.input), creationMethod: kind.toLowerCase() }
    const result = { address: toHex(frame.to), code: hex(output), gasUsed }
    return { action, ...outcome(frame, result), subtraces, traceAddress, type: 'create' }
  }
  const action = { ...common, callType: kind.toLowerCase(), input: hex(frame.input), to: toHex(frame.to) }
  const result = { gasUsed, output: hex(output) }
  // Of a revert, the result says with what.
  const hasResult = error === null || error.kind === 'revert'
  return { action, ...outcome(frame, hasResult ? result : null), subtraces, traceAddress, type: 'call' }
}

/** OpenEthereum's words for errors, by which tools know them. */
function outcome(frame: TracedFrame, result: Readonly<Record<string, string>> | null) {
  if (frame.error === null) return { result: result! }
  const text = errorText(frame)
  const error = text === 'execution reverted' ? 'Reverted' : text === 'out of gas' ? 'Out of gas' : text
  const isCreation = frame.kind === 'CREATE' || frame.kind === 'CREATE2'
  return result === null || isCreation ? { error } : { error, result }
}
