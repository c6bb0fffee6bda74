/** The filter of trace_filter. */
import type { BlockReference } from '../../chain/chainService.ts'
import { MAX_TRACE_ADDRESSES } from '../limits.ts'
import { blockNumber } from './blockReference.ts'
import { arrayOf, type Decoder, decoder, object, optional } from './decoder.ts'
import { address, uint64 } from './hex.ts'

export interface TraceFilter {
  readonly fromBlock: BlockReference
  readonly toBlock: BlockReference
  /** Empty: any. */
  readonly from: readonly Uint8Array[]
  /** Of a creation, the contract that was made. Empty: any. */
  readonly to: readonly Uint8Array[]
  /** Matches that are left out before the first that is given. */
  readonly after: number
  /** Most that are given. */
  readonly count: number
}

const addresses = arrayOf(address, MAX_TRACE_ADDRESSES, 'MAX_TRACE_ADDRESSES')

const shape = object('a filter of traces', {
  fromBlock: optional(blockNumber),
  toBlock: optional(blockNumber),
  fromAddress: optional(addresses),
  toAddress: optional(addresses),
  after: optional(count()),
  count: optional(count()),
})

/** A number or a quantity, as clients send both. */
function count(): Decoder<number> {
  return decoder({ anyOf: [{ type: 'integer', minimum: 0 }, uint64.schema] }, (value, at) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : Number(uint64(value, at)),
  )
}

export const traceFilter: Decoder<TraceFilter> = decoder(shape.schema, (value, at) => {
  const given = shape(value, at)
  return {
    fromBlock: given.fromBlock ?? 'earliest',
    toBlock: given.toBlock ?? 'latest',
    from: given.fromAddress ?? [],
    to: given.toAddress ?? [],
    after: given.after ?? 0,
    count: given.count ?? Number.MAX_SAFE_INTEGER,
  }
})
