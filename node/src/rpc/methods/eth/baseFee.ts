import { toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { nextHeaderOf } from '../../reading/callRequest.ts'
import { QUANTITY } from '../../schema/schema.ts'

/** eth_baseFee: the base fee of the next block, wei per gas. */
export const baseFee = defineMethod({
  name: 'eth_baseFee',
  kind: 'read',
  summary: 'the base fee of the next block, wei per gas',
  differs: 'anvil does not have it',
  result: QUANTITY,
  params: [],
  handle: ({ backend }) => toQuantity(nextHeaderOf(backend).baseFeePerGas),
})
