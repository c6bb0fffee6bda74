import { toHex } from '../../../codec/hex.ts'
import { accountsFor } from '../../accounts/signing.ts'
import { defineMethod } from '../../method.ts'
import { ADDRESS, listOf } from '../../schema/schema.ts'

const name = 'eth_requestAccounts'

/** eth_requestAccounts: EIP-1102. A client that may have the node sign has its accounts, and nobody is asked. */
export const requestAccounts = defineMethod({
  name,
  kind: 'sign',
  summary: 'the same as `eth_accounts`, for callers that may have the node sign (EIP-1102)',
  differs: "a devnet's own accounts only",
  result: listOf(ADDRESS),
  params: [],
  handle: (context) =>
    accountsFor(name, context)
      .addresses()
      .map((one) => toHex(one)),
})
