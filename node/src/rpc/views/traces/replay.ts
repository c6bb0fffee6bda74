/** The result of trace_call and trace_replay* for one execution. */
import type { RootedTrace } from '../../../execution/trace/listening.ts'
import type { HexText } from './boundedHex.ts'
import type { TraceTypes } from './config.ts'
import { bareTraces } from './flatTraces.ts'
import { stateDiff } from './stateDiff.ts'

export function replayView({ root, state }: RootedTrace, types: TraceTypes, hex: HexText): object {
  return {
    output: hex(root.output),
    trace: types.trace ? bareTraces(root, hex) : [],
    stateDiff: types.stateDiff ? stateDiff(state!, hex) : null,
    vmTrace: null,
  }
}
