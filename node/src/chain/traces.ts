/** Traces of transactions and calls: they run once more on the state before them, and are heard (execution/trace/). */

import { applyMessage } from '../execution/applyMessage.ts'
import { CallError, type CallMessage, type StateOverride } from '../execution/call.ts'
import { defaultGasCap, prepareCall, undone } from '../execution/callMessage.ts'
import { forgetExecutions } from '../execution/contractHost.ts'
import { type DevSlots, signerOf } from '../execution/dev/devStorage.ts'
import { executeBlock } from '../execution/executeBlock.ts'
import { overrideConfig } from '../execution/overriddenConfig.ts'
import { BlockTracer, type TransactionTrace, type UnpaidTrace } from '../execution/trace/blockTracer.ts'
import { Listening, type RootedTrace, type TraceNeeds } from '../execution/trace/listening.ts'
import { TraceTooLarge } from '../execution/trace/recorder.ts'
import { TracedState } from '../execution/trace/tracedState.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import {
  type BlockOverrides,
  type BlockReference,
  type BlockTraces,
  type CallReference,
  ChainError,
  type Head,
} from './chainService.ts'
import { damaged } from './databaseError.ts'
import { type CallView, existingHeadAt, placeOfCall } from './queries.ts'

/** Of a final transaction; null when there is none. @throws ChainError `history-unavailable`, `call-aborted`. */
export function traceTransactionAt(view: CallView, hash: Uint8Array, needs: TraceNeeds): BlockTraces | null {
  const record = view.database.transactionRecord(hash)
  if (record === null || record.blockNumber > view.head.header.number) return null
  return traceBlock(view, existingHeadAt(view, { number: record.blockNumber }), record.index, needs)
}

/** Of all transactions of a block. @throws ChainError `unknown-block`, `history-unavailable`, `call-aborted`. */
export function traceBlockAt(view: CallView, at: BlockReference, needs: TraceNeeds): BlockTraces {
  return traceBlock(view, existingHeadAt(view, at), null, needs)
}

/** Of a call, as eth_call would run it. Throws as that, and `call-aborted` where the trace grows over its bounds. */
export function traceCallAt(
  view: CallView,
  message: CallMessage,
  at: CallReference,
  overrides: readonly StateOverride[],
  blockOverrides: BlockOverrides,
  needs: TraceNeeds,
): RootedTrace {
  const { state, block } = placeOfCall(view, at, blockOverrides)
  return bounded(() =>
    undone(state, overrides, (overridden) => {
      const config = overrideConfig(view.config, overrides)
      const listening = new Listening(overridden, (onLog) => new TracedState(overridden, onLog), config, needs)
      listening.begin()
      const outer = prepareCall(listening.state, message, block, view.gasCap ?? defaultGasCap(block))
      const { gasUsed } = applyMessage(listening.state, outer, block, listening.config)
      const { root, state: touched, profile } = listening.take()
      if (root === null) throw new Error('a call ran without a frame')
      root.gas = outer.gasLimit
      root.gasUsed = gasUsed
      return { root, state: touched, profile: profile?.({ ...outer, gasUsed }) ?? null }
    }),
  )
}

/** `wanted`: one transaction, by its place; null for all. */
function traceBlock(view: CallView, head: Head, wanted: number | null, needs: TraceNeeds): BlockTraces {
  const { header } = head
  if (header.number === 0n) throw new CallError('genesis is not traceable: no transaction made it')
  const parent = existingHeadAt(view, { number: header.number - 1n })
  const before = view.stateAt(parent.header)
  const all = transactionsOf(view, header.number, before)
  const transactions = wanted === null ? all : all.slice(0, wanted + 1)
  const tracer = new BlockTracer(before, view.config, needs, (index) => wanted === null || index === wanted)
  const outcome = bounded(() => executeBlock(tracer.state, header, transactions, tracer.config, tracer))
  if ('invalid' in outcome) throw damaged(`block ${header.number} does not run again: ${outcome.invalid}`)
  const traces = tracer.traces.map((trace) => paid(trace, outcome.receipts[trace.index]!))
  return { ...head, traces }
}

/** The outermost frame is shown with what the transaction paid before it. */
function paid({ profile, ...trace }: UnpaidTrace, { gasUsed }: ReceiptRecord): TransactionTrace {
  const { root } = trace
  const { transaction } = trace.transaction
  root.gas = transaction.gasLimit
  root.gasUsed = gasUsed
  return { ...trace, profile: profile?.({ ...transaction, gasUsed }) ?? null }
}

/** Of a block, as it is executed: on the state `before` it. */
export function transactionsOf({ database }: CallView, number: bigint, before: DevSlots): SenderTransaction[] {
  const block = database.block(number)
  if (block === null) throw damaged(`block ${number} is missing`)
  return block.transactions.map((envelope) => {
    const record = database.transactionRecord(envelope.hash)
    if (record === null) throw damaged(`the sender of a transaction of block ${number} is missing`)
    return { ...envelope, sender: signerOf(before, envelope.transaction, record.sender) }
  })
}

/** Gives up a trace that grows over its bounds while it runs. @throws ChainError `call-aborted`. */
export function bounded<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof TraceTooLarge)) throw error
    // It was thrown through engines in the middle of contracts, and the worker goes on.
    forgetExecutions()
    throw new ChainError('call-aborted', error.message)
  }
}
