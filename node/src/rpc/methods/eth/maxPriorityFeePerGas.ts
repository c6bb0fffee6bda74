import { toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { suggestedTip } from '../../reading/feeSuggestion.ts'

/** eth_maxPriorityFeePerGas: a tip that gets a transaction into the next blocks, wei per gas. */
export const maxPriorityFeePerGas = defineMethod({
  name: 'eth_maxPriorityFeePerGas',
  kind: 'read',
  params: [],
  async handle(context) {
    return toQuantity(await suggestedTip(context))
  },
})
