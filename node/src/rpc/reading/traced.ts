/** The common part of debug_ and trace_ methods: from the request to the traces. */
import type { BlockReference, BlockTraces, Head } from '../../chain/chainService.ts'
import { toHex } from '../../codec/hex.ts'
import type { TransactionTrace } from '../../execution/trace/blockTracer.ts'
import type { TracedFrame } from '../../execution/trace/callTree.ts'
import type { RpcBackend } from '../backend.ts'
import { showBlock } from '../decode/blockReference.ts'
import type { TraceOptions } from '../decode/traceOptions.ts'
import { RpcError, SERVER_ERROR, unknownBlock } from '../errors.ts'
import { clientOf } from '../origin.ts'
import { boundedHex } from '../views/traces/boundedHex.ts'
import { FRAMES, placeOf, tracerOf } from '../views/traces/tracers.ts'
import type { RpcContext } from './context.ts'

export const NO_OPTIONS: TraceOptions = { tracer: undefined, config: { tracers: {} } }

/** The one trace of a transaction. @throws RpcError in geth's words where there is no such transaction. */
export function foundTrace(found: BlockTraces | null): {
  readonly trace: TransactionTrace
  readonly block: Head
} {
  const trace = found?.traces[0]
  if (found === null || trace === undefined) throw unknownTransaction()
  return { trace, block: found }
}

/** An unknown transaction is told before anything about tracers. @throws as {@link foundTrace}. */
export async function expectTransaction({ chain }: RpcBackend, transactionHash: Uint8Array): Promise<void> {
  if ((await chain.transaction(transactionHash)) === null) throw unknownTransaction()
}

function unknownTransaction(): RpcError {
  return new RpcError(SERVER_ERROR, 'transaction not found')
}

/** Of a final transaction, which runs again. @throws as {@link foundTrace}. */
export async function outermostFrame(
  { backend, caller }: Pick<RpcContext, 'backend' | 'caller'>,
  transactionHash: Uint8Array,
): Promise<TracedFrame> {
  return foundTrace(await backend.chain.traceTransaction(clientOf(caller), transactionHash, FRAMES)).trace.root
}

export async function tracedBlock(
  { backend: { chain }, caller, limits }: Pick<RpcContext, 'backend' | 'caller' | 'limits'>,
  at: BlockReference,
  { tracer: name, config }: TraceOptions,
): Promise<readonly object[]> {
  // An unknown block is told before anything about tracers, as by geth: scripts ask with none to see whether it is there.
  const found = await chain.block(at)
  if (found === null) throw unknownBlock(showBlock(at))
  if (found.block.header.number === 0n) throw new RpcError(SERVER_ERROR, 'genesis is not traceable')
  const tracer = tracerOf(name, config)
  const block = await chain.traceBlock(clientOf(caller), at, tracer.needs)
  const hex = boundedHex(limits)
  return block.traces.map((trace) => ({
    txHash: toHex(trace.transaction.hash),
    result: tracer.view(trace, placeOf(trace, block), hex),
  }))
}
