import { toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
/** eth_chainId: EIP-695. */
export const chainId = defineMethod({
  name: 'eth_chainId',
  kind: 'read',
  params: [],
  handle: ({ backend }) => toQuantity(backend.chain.genesis.chainId),
})
