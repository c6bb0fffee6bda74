import { toHex } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { ADDRESS, listOf } from '../../schema/schema.ts'

/**
 * eth_accounts: those this node signs for. None for pages that may not have it sign (EIP-1193), and none on a node
 * without keys.
 */
export const accounts = defineMethod({
  name: 'eth_accounts',
  kind: 'read',
  summary:
    'addresses this node signs for; none on a node that no devnet started, and none for pages that may not have it sign',
  result: listOf(ADDRESS),
  params: [],
  handle: ({ backend, caller }) =>
    caller.kind === 'page' ? [] : (backend.accounts?.addresses() ?? []).map((one) => toHex(one)),
})
