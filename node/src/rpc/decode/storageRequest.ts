/** The first parameter of eth_getStorageValues: address to the slots that are asked for. */
import { invalidParams, limitExceeded } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import { mapOf } from '../schema/schema.ts'
import { arrayOf, asRecord, type Decoder, decoder } from './decoder.ts'
import { address, slot } from './hex.ts'

export interface AccountSlots {
  readonly account: Uint8Array
  readonly slots: readonly Uint8Array[]
}

export function storageRequest({
  maxStorageValues,
}: Pick<RpcLimits, 'maxStorageValues'>): Decoder<readonly AccountSlots[]> {
  const slots = arrayOf(slot, maxStorageValues, 'maxStorageValues')
  return decoder(mapOf(slots.schema), (value, at) => {
    let count = 0
    const accounts = Object.entries(asRecord(value, at, 'address to an array of slots')).map(([key, wanted]) => {
      const account = address(key, `${at} key`)
      const decoded = slots(wanted, `${at}[${JSON.stringify(key)}]`)
      count += decoded.length
      if (count > maxStorageValues) {
        throw limitExceeded(`${at} has more than ${maxStorageValues} slots in all (maxStorageValues)`)
      }
      return { account, slots: decoded }
    })
    // As geth, and the vectors of the execution APIs.
    if (count === 0) throw invalidParams(`${at} asks for no slot; give at least one`)
    return accounts
  })
}
