/**
 * {@link ChainService} on the calling thread: what the execution worker hosts, and what tests, simulations and replay
 * use directly. Needs nothing of the platform, so it runs in a browser too.
 */

import { type Chain, type ChainOptions, openChain } from './chain.ts'
import type { BlockEvent, ChainService } from './chainService.ts'
import {
  accountAt,
  blockAt,
  callAt,
  codeAt,
  estimateGasAt,
  handovers,
  logs,
  proofAt,
  rawBlocks,
  receiptsAt,
  stateItems,
  storageAt,
  transactionByHash,
  validatorsAfter,
} from './queries.ts'

/** @throws DatabaseError, StoreError. */
export async function createInProcessChain(options: ChainOptions): Promise<ChainService> {
  const chain = await openChain(options)
  const calls = chainCallsOf(chain)
  const listeners = new Set<(event: BlockEvent) => void>()
  return {
    ...calls,
    genesis: chain.genesis,
    genesisHash: chain.genesisHash,
    base: chain.base,
    head: () => chain.head,
    onBlock(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async finalize(block, certificate, senders) {
      const event = await calls.finalize(block, certificate, senders)
      if (event !== null) for (const listener of listeners) listener(event)
    },
  }
}

export interface ChainCalls
  extends Omit<ChainService, 'genesis' | 'genesisHash' | 'base' | 'head' | 'onBlock' | 'finalize'> {
  /** Null when the block was final already. */
  finalize(...args: Parameters<ChainService['finalize']>): Promise<BlockEvent | null>
}

/** Calls that execute or commit run one after the other; reads run at once, on what is final then. */
export function chainCallsOf(chain: Chain): ChainCalls {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(task: () => T | Promise<T>): Promise<T> => {
    const result = last.then(task)
    last = result.catch(() => {})
    return result
  }
  return {
    build: (request) => inTurn(() => chain.build(request)),
    validate: (block, senders) => inTurn(() => chain.validate(block, senders)),
    finalize: (block, certificate, senders) => inTurn(() => chain.finalize(block, certificate, senders)),
    block: async (at) => blockAt(chain, at),
    rawBlocks: async (from, limit, maxBytes) => rawBlocks(chain, from, limit, maxBytes),
    stateItems: async (hashes, maxBytes) => stateItems(chain, hashes, maxBytes),
    handovers: (from, limit) => handovers(chain, from, limit),
    validatorsAfter: async (at) => validatorsAfter(chain, at),
    transaction: async (hash) => transactionByHash(chain, hash),
    receipts: async (at) => receiptsAt(chain, at),
    logs: async (filter) => logs(chain, filter),
    account: async (address, at) => accountAt(chain, address, at),
    code: async (address, at) => codeAt(chain, address, at),
    storage: async (address, key, at) => storageAt(chain, address, key, at),
    proof: async (address, keys, at) => proofAt(chain, address, keys, at),
    call: async (message, at, overrides, _client, block) => callAt(chain, message, at, overrides, block),
    estimateGas: async (message, at, overrides, _client, block) => estimateGasAt(chain, message, at, overrides, block),
    close: () => inTurn(() => chain.close()),
  }
}
