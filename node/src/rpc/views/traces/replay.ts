/** The result of trace_call and trace_replay* for one execution. */
import { toHex } from '../../../codec/hex.ts'
import type { RootedTrace } from '../../../execution/trace/listening.ts'
import type { TraceTypes } from './config.ts'
import { bareTraces } from './flatTraces.ts'
import { stateDiff } from './stateDiff.ts'

export function replayView({ root, state }: RootedTrace, types: TraceTypes): object {
  return {
    output: toHex(root.output),
    trace: types.trace ? bareTraces(root) : [],
    stateDiff: types.stateDiff ? stateDiff(state!) : null,
    vmTrace: null,
  }
}
