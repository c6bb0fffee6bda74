/** A log as JSON-RPC shows it (execution-apis, "Log"). */
import type { LocatedLog } from '../../chain/chainService.ts'
import { toHex, toQuantity } from '../../codec/hex.ts'
import { countToQuantity, type Hex } from './quantities.ts'

export interface LogView {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly blockNumber: Hex
  readonly blockHash: Hex
  readonly transactionHash: Hex
  readonly transactionIndex: Hex
  readonly logIndex: Hex
  /** Always false: a finalised block is never taken back. */
  readonly removed: false
}

export function logView(located: LocatedLog): LogView {
  return {
    address: toHex(located.log.address),
    topics: located.log.topics.map(toHex),
    data: toHex(located.log.data),
    blockNumber: toQuantity(located.blockNumber),
    blockHash: toHex(located.blockHash),
    transactionHash: toHex(located.transactionHash),
    transactionIndex: countToQuantity(located.transactionIndex),
    logIndex: countToQuantity(located.logIndex),
    removed: false,
  }
}
