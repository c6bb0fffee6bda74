import { toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { QUANTITY } from '../../schema/schema.ts'

/** eth_chainId: EIP-695. */
export const chainId = defineMethod({
  name: 'eth_chainId',
  kind: 'read',
  summary: "the chain's id",
  result: QUANTITY,
  params: [],
  handle: ({ backend }) => toQuantity(backend.chain.genesis.chainId),
})
