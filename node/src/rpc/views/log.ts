/** A log as JSON-RPC shows it (execution-apis, "Log"). */
import type { LocatedLog } from '../../chain/chainService.ts'
import { toHex, toQuantity } from '../../codec/hex.ts'
import type { Log } from '../../types/log.ts'
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

/** Characters that a log's JSON has at least beside topics and data, and a topic. */
const LEAST_LOG_LENGTH = 300
const TOPIC_LENGTH = 68

/** Characters that a log's JSON has at least, without making it. */
export function leastLogLength({ topics, data }: Log): number {
  return LEAST_LOG_LENGTH + TOPIC_LENGTH * topics.length + 2 * data.length
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
