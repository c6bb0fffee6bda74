/** geth's callTracer: the tree of frames (eth/tracers/native/call.go). */
import { toHex, toQuantity } from '../../../codec/hex.ts'
import { revertReason } from '../../../execution/revertReason.ts'
import type { TracedFrame } from '../../../execution/trace/callTree.ts'
import { countToQuantity } from '../quantities.ts'
import type { HexText } from './boundedHex.ts'
import type { TracerConfig } from './config.ts'

export function callTrace(root: TracedFrame, config: TracerConfig, hex: HexText): object {
  return frameView(root, config, { logs: 0 }, false, hex)
}

/** `counter`: logs so far in the transaction, of frames that are not undone. */
function frameView(
  frame: TracedFrame,
  config: TracerConfig,
  counter: { logs: number },
  isUndone: boolean,
  hex: HexText,
): object {
  const { kind, error, output } = frame
  const undone = isUndone || error !== null
  const isCreation = kind === 'CREATE' || kind === 'CREATE2'
  const calls: object[] = []
  const logs: object[] = []
  for (const step of frame.steps) {
    if (step.kind === 'frame' && config.onlyTopCall !== true) {
      calls.push(frameView(step.frame, config, counter, undone, hex))
    }
    if (step.kind !== 'log' || undone || config.withLog !== true) continue
    logs.push({
      address: toHex(step.log.address),
      topics: step.log.topics.map(toHex),
      data: hex(step.log.data),
      index: countToQuantity(counter.logs++),
      position: countToQuantity(calls.length),
    })
  }
  const reason = error?.kind === 'revert' ? revertReason(output) : null
  return {
    from: toHex(frame.from),
    gas: toQuantity(frame.gas),
    gasUsed: toQuantity(frame.gasUsed),
    // A creation that failed made nothing.
    ...(isCreation && error !== null ? {} : { to: toHex(frame.to) }),
    input: hex(frame.input),
    ...(output.length > 0 ? { output: hex(output) } : {}),
    ...(error === null ? {} : { error: errorText(frame) }),
    ...(reason === null ? {} : { revertReason: reason }),
    ...(calls.length > 0 ? { calls } : {}),
    ...(logs.length > 0 ? { logs } : {}),
    ...(kind === 'STATICCALL' ? {} : { value: toQuantity(frame.value) }),
    type: kind,
  }
}

/** geth's words where it has some, which tools compare with; a trap's own else. */
export function errorText({ error }: TracedFrame): string {
  if (error === null) return ''
  if (error.kind === 'revert') return 'execution reverted'
  return error.message.startsWith('out of gas') ? 'out of gas' : error.message
}
