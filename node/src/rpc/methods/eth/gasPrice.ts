import { toQuantity } from '../../../codec/hex.ts'
import { baseFeeAfter } from '../../../execution/baseFee.ts'
import { defineMethod } from '../../method.ts'
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
    const { chain } = context.backend
    return toQuantity(baseFeeAfter(chain.head().header, chain.genesis) + (await suggestedTip(context)))
  },
})
