import { genesisToJson } from '../../../types/genesisCodec.ts'
import { defineMethod } from '../../method.ts'
import { GENESIS } from '../../schema/results.ts'

/** touchstone_genesis: the parameters of this chain, in the form docs/protocol/genesis.md describes. */
export const genesis = defineMethod({
  name: 'touchstone_genesis',
  kind: 'read',
  summary: 'the genesis file (protocol/genesis.md)',
  differs: 'of this chain',
  result: GENESIS,
  params: [],
  handle: ({ backend }) => genesisToJson(backend.chain.genesis),
})
