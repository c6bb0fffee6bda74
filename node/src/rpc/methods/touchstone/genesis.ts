import { genesisToJson } from '../../../types/genesisCodec.ts'
import { defineMethod } from '../../method.ts'

/** touchstone_genesis: the parameters of this chain, in the form docs/protocol/genesis.md describes. */
export const genesis = defineMethod({
  name: 'touchstone_genesis',
  kind: 'read',
  params: [],
  handle: ({ backend }) => genesisToJson(backend.chain.genesis),
})
