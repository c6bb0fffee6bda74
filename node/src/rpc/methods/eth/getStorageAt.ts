import { toHex } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { address, slot } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { WORD } from '../../schema/schema.ts'

/** eth_getStorageAt: always 32 bytes. */
export const getStorageAt = defineMethod({
  name: 'eth_getStorageAt',
  kind: 'read',
  summary: '32 bytes',
  result: WORD,
  params: [required('address', address), required('slot', slot), withDefault('block', blockReference, 'latest')],
  async handle({ backend }, account, key, block) {
    return toHex(await backend.chain.storage(account, key, block))
  },
})
