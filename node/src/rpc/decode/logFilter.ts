/** The filter of eth_getLogs, eth_newFilter and the logs subscription. */
import type { BlockReference } from '../../chain/chainService.ts'
import type { LogPattern } from '../../types/logPattern.ts'
import { invalidParams } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import { nullable, type Schema } from '../schema/schema.ts'
import { blockNumber } from './blockReference.ts'
import { arrayOf, asRecord, type Decoder, decoder, optional } from './decoder.ts'
import { address, hash } from './hex.ts'

/** EIP-1474: a log has at most four topics. */
const MAX_TOPICS = 4

export interface LogQuery extends LogPattern {
  /** EIP-234: one block, instead of a range. */
  readonly blockHash?: Uint8Array
  /** Latest when absent. */
  readonly fromBlock?: BlockReference
  readonly toBlock?: BlockReference
}

export function logQuery(limits: Pick<RpcLimits, 'maxLogAddresses' | 'maxLogTopics'>): Decoder<LogQuery> {
  const addresses = arrayOf(address, limits.maxLogAddresses, 'maxLogAddresses')
  const alternatives = arrayOf(hash, limits.maxLogTopics, 'maxLogTopics')
  /** One position: null for any, one topic, or a list of which one must match; a null in it matches any, as in geth. */
  const anyTopic: Schema = nullable(hash.schema)
  const topic: Schema = { anyOf: [anyTopic, { ...alternatives.schema, items: anyTopic }] }
  const position: Decoder<readonly Uint8Array[] | null> = decoder(topic, (value, at) => {
    if (value === null || value === undefined) return null
    if (!Array.isArray(value)) return [hash(value, at)]
    if (value.length === 0 || value.includes(null)) return null
    return alternatives(value, at)
  })
  const schema: Schema = {
    title: 'Log filter',
    type: 'object',
    properties: {
      fromBlock: nullable(blockNumber.schema),
      toBlock: nullable(blockNumber.schema),
      blockHash: nullable(hash.schema),
      address: nullable({ anyOf: [address.schema, addresses.schema] }),
      topics: nullable({ type: 'array', items: position.schema, maxItems: MAX_TOPICS }),
    },
  }
  return decoder(schema, (value, at) => {
    const record = asRecord(value, at, '{"fromBlock", "toBlock", "address", "topics"} or {"blockHash", ...}')
    const from = optional(blockNumber)(record['fromBlock'], `${at}.fromBlock`)
    const to = optional(blockNumber)(record['toBlock'], `${at}.toBlock`)
    const blockHash = optional(hash)(record['blockHash'], `${at}.blockHash`)
    if (blockHash !== undefined && (from !== undefined || to !== undefined)) {
      throw invalidParams(`${at} has blockHash and fromBlock or toBlock; give one or the other (EIP-234)`)
    }
    const given = record['address']
    const topics = optional(arrayOf(position))(record['topics'], `${at}.topics`) ?? []
    if (topics.length > MAX_TOPICS) {
      throw invalidParams(`${at}.topics has ${topics.length} positions; a log has at most ${MAX_TOPICS} topics`)
    }
    return {
      addresses:
        given === undefined || given === null
          ? []
          : Array.isArray(given)
            ? addresses(given, `${at}.address`)
            : [address(given, `${at}.address`)],
      topics,
      ...(blockHash === undefined ? {} : { blockHash }),
      ...(from === undefined ? {} : { fromBlock: from }),
      ...(to === undefined ? {} : { toBlock: to }),
    }
  })
}
