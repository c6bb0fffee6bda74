/** Our own tracer: the tree of frames with what each contract asked of the host in between, and what gas that took. */
import { toHex, toQuantity } from '../../../codec/hex.ts'
import { INK_PER_GAS } from '../../../execution/ink.ts'
import type { Step, TracedFrame } from '../../../execution/trace/callTree.ts'
import type { HexText } from './boundedHex.ts'
import { errorText } from './callTracer.ts'

export function wasmTrace(frame: TracedFrame, hex: HexText): object {
  const { kind, error, output } = frame
  return {
    type: kind,
    from: toHex(frame.from),
    to: toHex(frame.to),
    value: toQuantity(frame.value),
    gas: toQuantity(frame.gas),
    gasUsed: toQuantity(frame.gasUsed),
    input: hex(frame.input),
    output: hex(output),
    ...(error === null ? {} : { error: errorText(frame) }),
    steps: frame.steps.map((step) => stepView(step, hex)),
  }
}

function stepView(step: Step, hex: HexText): object {
  if (step.kind === 'frame') return { kind: 'frame', ...wasmTrace(step.frame, hex) }
  if (step.kind === 'log') {
    const { address, topics, data } = step.log
    return { kind: 'log', address: toHex(address), topics: topics.map(toHex), data: hex(data) }
  }
  const { name, args, outs, startInk, endInk } = step.call
  return {
    kind: 'host',
    name,
    args: hex(args),
    outs: hex(outs),
    gasLeft: toQuantity(endInk / INK_PER_GAS),
    ink: toQuantity(startInk - endInk),
  }
}
