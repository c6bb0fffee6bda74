/** The worker's side of the protocol, without the thread: a chain behind {@link WorkerCalls}. */
import { equalBytes } from '../../codec/bytes.ts'
import type { SenderTransaction, TransactionEnvelope } from '../../types/transaction.ts'
import type { Chain } from '../chain.ts'
import { type ChainCalls, chainCallsOf } from '../inProcessChain.ts'
import type { Finalized, WorkerCalls } from './protocol.ts'

export function workerCallsOf(chain: Chain): WorkerCalls & Pick<ChainCalls, 'prepareCommit'> {
  const calls = chainCallsOf(chain)
  const finalize = async (...args: Parameters<WorkerCalls['finalize']>): Promise<Finalized> => {
    const event = await calls.finalize(...args)
    return { receipts: event?.encodedReceipts ?? null, rules: chain.rulesAfter(chain.head.header) }
  }
  return {
    ...calls,
    async build(request) {
      const { block, rejected } = await calls.build(request)
      return { header: block.header, included: positionsOf(block.transactions, request.transactions), rejected }
    },
    finalize,
    async finalizeCandidate(blockHash, certificate) {
      const block = chain.candidate(blockHash)
      return block === null ? 'unknown-candidate' : finalize(block, certificate, [])
    },
  }
}

/** Both in the same order, the chosen among the offered. */
function positionsOf(chosen: readonly TransactionEnvelope[], offered: readonly SenderTransaction[]): number[] {
  let position = -1
  return chosen.map(({ hash }) => {
    do position++
    while (!equalBytes(offered[position]!.hash, hash))
    return position
  })
}
