import { toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { SYNCING } from '../../schema/results.ts'

/** eth_syncing: false, or how far catching up with the peers has come. */
export const syncing = defineMethod({
  name: 'eth_syncing',
  kind: 'read',
  summary: 'false, or how far catching up with the peers has come',
  result: SYNCING,
  params: [],
  handle({ backend }) {
    const sync = backend.sync()
    if (!sync.syncing) return false
    return {
      startingBlock: toQuantity(sync.startingBlock),
      currentBlock: toQuantity(sync.currentBlock),
      highestBlock: toQuantity(sync.highestBlock),
    }
  },
})
