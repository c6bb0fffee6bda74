import { toHex } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { storageRequest } from '../../decode/storageRequest.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { stopIfOver } from '../../reading/context.ts'
import { pinned } from '../../reading/pinnedBlock.ts'
import { listOf, mapOf, WORD } from '../../schema/schema.ts'

/** eth_getStorageValues: many slots of many accounts, all of one block, as geth gives them. */
export const getStorageValues = defineMethod({
  name: 'eth_getStorageValues',
  kind: 'read',
  pace: 'slow',
  summary: 'for each address the 32 bytes of each slot asked for; at most `maxStorageValues` in all',
  differs: 'anvil does not have it',
  result: mapOf(listOf(WORD)),
  params: ({ limits }) => [required('slots', storageRequest(limits)), withDefault('block', blockReference, 'latest')],
  async handle(context, wanted, block) {
    const { chain } = context.backend
    const at = pinned(chain, block)
    const values: Record<string, readonly string[]> = {}
    for (const { account, slots } of wanted) {
      const read: string[] = []
      // One after the other: they are many, and others read too.
      for (const slot of slots) {
        stopIfOver(context, 'the reading', `slot ${toHex(slot)} of ${toHex(account)}`)
        read.push(toHex(await chain.storage(account, slot, at)))
      }
      values[toHex(account)] = read
    }
    return values
  },
})
