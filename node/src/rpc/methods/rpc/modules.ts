import { defineMethod } from '../../method.ts'

/** rpc_modules: the name spaces this server answers, with their versions. */
export const modules = defineMethod({
  name: 'rpc_modules',
  kind: 'read',
  params: [],
  handle: () => ({ eth: '1.0', net: '1.0', rpc: '1.0', touchstone: '1.0', txpool: '1.0', web3: '1.0' }),
})
