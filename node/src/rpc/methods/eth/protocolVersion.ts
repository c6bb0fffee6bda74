import { defineMethod } from '../../method.ts'
import { QUANTITY } from '../../schema/schema.ts'
import { countToQuantity } from '../../views/quantities.ts'

/** eth_protocolVersion: which version of the protocol between nodes this one speaks. */
export const protocolVersion = defineMethod({
  name: 'eth_protocolVersion',
  kind: 'read',
  summary: 'version of the protocol between nodes (protocol/network.md)',
  differs: "not Ethereum's",
  result: QUANTITY,
  params: [],
  handle: ({ backend }) => countToQuantity(backend.protocolVersion),
})
