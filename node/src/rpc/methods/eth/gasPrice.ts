import { toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { nextHeaderOf } from '../../reading/callRequest.ts'
import { suggestedTip } from '../../reading/feeSuggestion.ts'
import { QUANTITY } from '../../schema/schema.ts'

/** eth_gasPrice: the next block's base fee and the suggested tip, wei per gas. */
export const gasPrice = defineMethod({
  name: 'eth_gasPrice',
  kind: 'read',
  summary: "the next block's base fee plus the suggested tip, wei per gas",
  result: QUANTITY,
  params: [],
  async handle(context) {
    return toQuantity(nextHeaderOf(context.backend).baseFeePerGas + (await suggestedTip(context)))
  },
})
