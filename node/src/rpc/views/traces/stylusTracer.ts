/**
 * nitro's stylusTracer (execution/gethexec/stylus_tracer.go): the host calls of the outermost contract, and within each
 * call of another contract those of that one. `cargo stylus trace`, `replay` and `simulate` read it.
 */
import { toHex } from '../../../codec/hex.ts'
import type { HostCall } from '../../../execution/contractHost.ts'
import type { FrameKind, TracedFrame } from '../../../execution/trace/callTree.ts'
import type { Hex } from '../quantities.ts'
import type { HexText } from './boundedHex.ts'

interface StylusStep {
  readonly name: string
  readonly args: Hex
  readonly outs: Hex
  /** Below 2^53: a block's gas buys less. */
  readonly startInk: number
  readonly endInk: number
  readonly address?: Hex
  readonly steps?: readonly StylusStep[]
}

const NESTING: ReadonlySet<string> = new Set(['call_contract', 'delegate_call_contract', 'static_call_contract'])

const FRAME_NAMES: Readonly<Record<FrameKind, string>> = {
  CALL: 'evm_call_contract',
  DELEGATECALL: 'evm_delegate_call_contract',
  STATICCALL: 'evm_static_call_contract',
  CREATE: 'evm_create1',
  CREATE2: 'evm_create2',
}

export function stylusTrace({ steps }: TracedFrame, hex: HexText): readonly StylusStep[] {
  const views: StylusStep[] = []
  /** A frame stands before the host call that it belongs to, which takes it in. */
  let inner: TracedFrame | null = null
  const keepInner = () => {
    if (inner !== null)
      views.push({
        name: FRAME_NAMES[inner.kind],
        args: '0x',
        outs: '0x',
        startInk: 0,
        endInk: 0,
        ...nested(inner, hex),
      })
    inner = null
  }
  for (const step of steps) {
    if (step.kind === 'frame') {
      keepInner()
      inner = step.frame
    } else if (step.kind === 'host') {
      const isNesting = NESTING.has(step.call.name)
      if (!isNesting) keepInner()
      views.push({ ...hostCall(step.call, hex), ...(isNesting ? calledBy(step.call, inner, hex) : {}) })
      if (isNesting) inner = null
    }
  }
  keepInner()
  return views
}

function hostCall({ name, args, outs, startInk, endInk }: HostCall, hex: HexText): StylusStep {
  return { name, args: hex(args), outs: hex(outs), startInk: Number(startInk), endInk: Number(endInk) }
}

function nested(frame: TracedFrame, hex: HexText): Pick<StylusStep, 'address' | 'steps'> {
  return { address: toHex(frame.to), steps: stylusTrace(frame, hex) }
}

/** A call that did not start, for want of balance or depth, has no frame; its address is the first of its arguments. */
function calledBy({ args }: HostCall, frame: TracedFrame | null, hex: HexText): Pick<StylusStep, 'address' | 'steps'> {
  return frame === null ? { address: toHex(args.subarray(0, 20)), steps: [] } : nested(frame, hex)
}
