import type { BlockReference } from '../../../chain/chainService.ts'
import { toHex } from '../../../codec/hex.ts'
import { traceFilter } from '../../decode/traceFilter.ts'
import { limitExceeded, responseTooLarge } from '../../errors.ts'
import { MAX_TRACE_BLOCKS, MAX_TRACES } from '../../limits.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { type RpcContext, stopIfOver } from '../../reading/context.ts'
import { listOf } from '../../schema/schema.ts'
import { FLAT_TRACE } from '../../schema/traces.ts'
import { type FlatTrace, flatTraces } from '../../views/traces/flatTraces.ts'
import { FRAMES, placeOf } from '../../views/traces/tracers.ts'

/** trace_filter: frames in a range of blocks, by sender and called account. */
export const filter = defineMethod({
  name: 'trace_filter',
  kind: 'trace',
  pace: 'search',
  summary: 'frames in a range of blocks, by sender and called account',
  differs: 'runs the blocks again, so a range has at most MAX_TRACE_BLOCKS of them',
  result: listOf(FLAT_TRACE),
  params: [required('filter', traceFilter)],
  async handle(context, { fromBlock, toBlock, from, to, after, count }) {
    const { backend, caller, limits } = context
    const [first, last] = [await numberOf(backend, fromBlock), await numberOf(backend, toBlock)]
    if (last - first >= BigInt(MAX_TRACE_BLOCKS)) {
      throw limitExceeded(
        `the range has ${last - first + 1n} blocks; trace_filter runs each again and takes at most ${MAX_TRACE_BLOCKS} (MAX_TRACE_BLOCKS)`,
      )
    }
    const [senders, targets] = [new Set(from.map(toHex)), new Set(to.map(toHex))] as const
    const isWanted = ({ action, result }: FlatTrace) =>
      (senders.size === 0 || senders.has(action['from'] as `0x${string}`)) &&
      (targets.size === 0 || targets.has((action['to'] ?? result?.['address']) as `0x${string}`))
    const found: FlatTrace[] = []
    let [matches, length] = [0, 0]
    for (let number = first > 0n ? first : 1n; number <= last && found.length < count; number++) {
      stopIfOver(context, 'trace_filter', `block ${number}`)
      const traced = await backend.chain.traceBlock(clientOf(caller), { number }, FRAMES)
      for (const trace of traced.traces.flatMap((one) => flatTraces(one.root, placeOf(one, traced), toHex))) {
        // Skipped traces are not kept.
        if (!isWanted(trace) || matches++ < after || found.length === count) continue
        length += lengthOf(trace)
        if (length > limits.maxResponseLength) throw responseTooLarge(limits.maxResponseLength)
        if (found.length === MAX_TRACES) {
          throw limitExceeded(`more than ${MAX_TRACES} traces match (MAX_TRACES); ask for fewer blocks, or with count`)
        }
        found.push(trace)
      }
    }
    return found
  },
})

/** At least the characters of its data. */
function lengthOf({ action, result }: FlatTrace): number {
  return [action['input'], action['init'], result?.['output'], result?.['code']].reduce(
    (sum, data) => sum + (data?.length ?? 0),
    0,
  )
}

async function numberOf({ chain }: RpcContext['backend'], at: BlockReference): Promise<bigint> {
  const newest = chain.head().header.number
  if (at === 'latest') return newest
  if (at === 'earliest') return 0n
  if ('hash' in at) return (await chain.block(at))?.block.header.number ?? newest
  return at.number < newest ? at.number : newest
}
