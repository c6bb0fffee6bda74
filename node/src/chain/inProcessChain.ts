/**
 * {@link ChainService} on the calling thread: what the execution worker hosts, and what tests, simulations and replay
 * use directly. Needs nothing of the platform, so it runs in a browser too.
 */

import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import { type Chain, type ChainOptions, type Committed, openChain } from './chain.ts'
import { answerQuery, type ChainReads } from './chainQueries.ts'
import type { BlockEvent, ChainService } from './chainService.ts'
import { callsBy, readsBy } from './queryLanes.ts'
import { WithheldBlock } from './withheldBlock.ts'

/** @throws DatabaseError, StoreError. */
export async function createInProcessChain(options: ChainOptions): Promise<ChainService> {
  const chain = await openChain(options)
  const calls = chainCallsOf(chain)
  const listeners = new Set<(event: BlockEvent) => void>()
  const withheld = new WithheldBlock()
  let head = chain.head
  return {
    ...calls,
    ...readsBy((name, args) => withheld.told(answerQuery(chain, name, args))),
    ...callsBy((name, _client, args) => withheld.told(answerQuery(chain, name, args))),
    genesis: chain.genesis,
    genesisHash: chain.genesisHash,
    base: chain.base,
    states: () => chain.states,
    head: () => head,
    async build(request) {
      const built = await calls.build(request)
      void calls.prepareCommit()
      return built
    },
    async validate(block, senders, hasItsRoot) {
      const outcome = await calls.validate(block, senders, hasItsRoot)
      void calls.prepareCommit()
      return outcome
    },
    onBlock(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async finalize(block, certificate, senders, signed) {
      if (signed !== undefined) withheld.begin(signed)
      const committed = await calls.finalize(block, certificate, senders)
      await signed
      withheld.end()
      head = chain.head
      const rules = chain.rulesAfter(chain.head.header)
      if (committed === null) return rules
      const event: BlockEvent = { block: committed.block, receipts: committed.receipts, rules }
      for (const listener of listeners) listener(event)
      return rules
    },
  }
}

export interface ChainCalls extends ChainReads, Pick<ChainService, 'build' | 'validate' | 'close'> {
  /** Null when the block was final already. */
  finalize(block: Block, certificate: Certificate, senders: readonly Uint8Array[]): Promise<Committed | null>
  /** To be called when the caller of `build` or `validate` has its answer: see {@link Chain.prepareCommit}. */
  prepareCommit(): Promise<void>
}

/**
 * All that runs where the chain is. Executions and commits run one after the other; reads run at once, on what is final
 * then.
 */
export function chainCallsOf(chain: Chain): ChainCalls {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(task: () => T | Promise<T>): Promise<T> => {
    const result = last.then(task)
    last = result.catch(() => {})
    return result
  }
  return {
    ...readsBy((name, args) => answerQuery(chain, name, args)),
    build: (request) => inTurn(() => chain.build(request)),
    validate: (block, senders, hasItsRoot) => inTurn(() => chain.validate(block, senders, hasItsRoot)),
    finalize: (block, certificate, senders) => inTurn(() => chain.finalize(block, certificate, senders)),
    prepareCommit: () => inTurn(() => chain.prepareCommit()),
    close: () => inTurn(() => chain.close()),
  }
}
