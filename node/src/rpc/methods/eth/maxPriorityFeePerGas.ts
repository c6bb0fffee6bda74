import { toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { suggestedTip } from '../../reading/feeSuggestion.ts'
import { QUANTITY } from '../../schema/schema.ts'

/** eth_maxPriorityFeePerGas: a tip that gets a transaction into the next blocks, wei per gas. */
export const maxPriorityFeePerGas = defineMethod({
  name: 'eth_maxPriorityFeePerGas',
  kind: 'read',
  summary:
    'suggested tip, wei per gas: 1 gwei while blocks have room, else the highest 60th percentile of the tips in recent full blocks',
  result: QUANTITY,
  params: [],
  async handle(context) {
    return toQuantity(await suggestedTip(context))
  },
})
