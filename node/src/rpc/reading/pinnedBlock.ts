/** For methods that read more than once: all of it is of one block, whatever comes meanwhile. */
import type { BlockReference, ChainService } from '../../chain/chainService.ts'

/** The same block by a name that no later block gets. */
export function pinned(chain: ChainService, at: BlockReference): BlockReference {
  return at === 'latest' ? { hash: chain.head().hash } : at
}
