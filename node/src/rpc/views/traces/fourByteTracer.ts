/** geth's 4byteTracer: selectors that were called, with the length of what followed, and how often. */
import { toHex } from '../../../codec/hex.ts'
import { isPrecompile } from '../../../execution/precompiles/precompileNames.ts'
import type { TracedFrame } from '../../../execution/trace/callTree.ts'

export function fourByteTrace(root: TracedFrame): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  const count = (frame: TracedFrame): void => {
    const { kind, input, to } = frame
    if (kind !== 'CREATE' && kind !== 'CREATE2' && input.length >= 4 && !isPrecompile(to)) {
      const key = `${toHex(input.subarray(0, 4))}-${input.length - 4}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    for (const step of frame.steps) if (step.kind === 'frame') count(step.frame)
  }
  count(root)
  return Object.fromEntries(counts)
}
