/** The answers to peers that catch up: the node's status, certified blocks, and the parts of any state it has. */
import type { ChainService } from '../chain/chainService.ts'
import type { Network } from '../network/network.ts'
import { HANDOVERS_IN_ANSWER, STATE_BYTES, type SyncLimits } from './limits.ts'
import {
  BLOCKS_REQUEST,
  decodeHandoversFrom,
  decodeHashes,
  decodeRange,
  encodeCertifiedBlock,
  encodeStateItems,
  encodeStatus,
  HANDOVERS_REQUEST,
  STATE_REQUEST,
  STATUS_REQUEST,
} from './messages.ts'

/** Sets the network's handlers. Of a state there is what this node keeps (chain/keptStates.ts), and of another no item. */
export function serveChain(network: Network, chain: ChainService, limits: SyncLimits): void {
  network.setRequestHandler(STATUS_REQUEST, async () => {
    const { header, hash } = chain.head()
    return [encodeStatus({ height: header.number, hash, first: chain.base > 0n ? chain.base : 1n })]
  })
  network.setRequestHandler(BLOCKS_REQUEST, async (request) => {
    const { from, count } = decodeRange(request)
    if (from === 0n) throw new Error('the genesis block has no certificate; ask from 1')
    const limit = Math.min(count, limits.rangeBlocks)
    if (limit === 0) return []
    const blocks = await chain.rawBlocks(from, limit, limits.rangeBytes)
    return blocks.map(({ block, certificate }) => encodeCertifiedBlock(block, certificate))
  })
  network.setRequestHandler(HANDOVERS_REQUEST, async (request) =>
    chain.handovers(decodeHandoversFrom(request), HANDOVERS_IN_ANSWER),
  )
  network.setRequestHandler(STATE_REQUEST, async (request) => {
    const hashes = decodeHashes(request)
    if (hashes.length === 0) throw new Error('a request for state names at least one hash')
    return [encodeStateItems(await chain.stateItems(hashes, STATE_BYTES))]
  })
}
