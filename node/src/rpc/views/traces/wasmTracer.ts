/** Our own tracer: the tree of frames with what each contract asked of the host in between, and what gas that took. */
import { toHex, toQuantity } from '../../../codec/hex.ts'
import { INK_PER_GAS } from '../../../execution/ink.ts'
import type { Step, TracedFrame } from '../../../execution/trace/callTree.ts'
import { errorText } from './callTracer.ts'

export function wasmTrace(frame: TracedFrame): object {
  const { kind, error, output } = frame
  return {
    type: kind,
    from: toHex(frame.from),
    to: toHex(frame.to),
    value: toQuantity(frame.value),
    gas: toQuantity(frame.gas),
    gasUsed: toQuantity(frame.gasUsed),
    input: toHex(frame.input),
    output: toHex(output),
    ...(error === null ? {} : { error: errorText(frame) }),
    steps: frame.steps.map(stepView),
  }
}

function stepView(step: Step): object {
  if (step.kind === 'frame') return { kind: 'frame', ...wasmTrace(step.frame) }
  if (step.kind === 'log') {
    const { address, topics, data } = step.log
    return { kind: 'log', address: toHex(address), topics: topics.map(toHex), data: toHex(data) }
  }
  const { name, args, outs, startInk, endInk } = step.call
  return {
    kind: 'host',
    name,
    args: toHex(args),
    outs: toHex(outs),
    gasLeft: toQuantity(endInk / INK_PER_GAS),
    ink: toQuantity(startInk - endInk),
  }
}
