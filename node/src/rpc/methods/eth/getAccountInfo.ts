import { toHex, toQuantity } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { pinned } from '../../reading/pinnedBlock.ts'
import { DATA, QUANTITY, record } from '../../schema/schema.ts'

/** eth_getAccountInfo: balance, nonce and code of one block, as reth and anvil give them. */
export const getAccountInfo = defineMethod({
  name: 'eth_getAccountInfo',
  kind: 'read',
  summary: 'balance, nonce and code; zero, zero and none when the account does not exist',
  differs: 'geth does not have it; the code is Wasm',
  result: record({ balance: QUANTITY, nonce: QUANTITY, code: DATA }),
  params: [required('address', address), withDefault('block', blockReference, 'latest')],
  async handle({ backend: { chain } }, account, block) {
    const at = pinned(chain, block)
    const [found, code] = await Promise.all([chain.account(account, at), chain.code(account, at)])
    return { balance: toQuantity(found?.balance ?? 0n), nonce: toQuantity(found?.nonce ?? 0n), code: toHex(code) }
  },
})
