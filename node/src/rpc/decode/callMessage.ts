/** The transaction object of eth_call and eth_estimateGas, and the state overrides they take. */

import { equalBytes } from '../../codec/bytes.ts'
import { toQuantity } from '../../codec/hex.ts'
import type { CallMessage, StateOverride } from '../../execution/call.ts'
import { invalidParams } from '../errors.ts'
import { mapOf, type Schema } from '../schema/schema.ts'
import { arrayOf, asRecord, type Decoder, decoder, object, optional, present, wrong } from './decoder.ts'
import { address, data, slot, uint64, uint256, word } from './hex.ts'

/** The transaction a client wants to send, partly filled in. */
export interface TransactionRequest extends CallMessage {
  readonly nonce?: bigint
  readonly chainId?: bigint
  readonly type?: 0 | 1 | 2
}

const accessListEntry = object('{"address", "storageKeys"}', { address, storageKeys: arrayOf(word) })

const fields = object('{"from", "to", "data", "value", "gas", ...}', {
  from: optional(address),
  to: optional(address),
  gas: optional(uint64),
  gasPrice: optional(uint256),
  maxFeePerGas: optional(uint256),
  maxPriorityFeePerGas: optional(uint256),
  value: optional(uint256),
  data: optional(data),
  input: optional(data),
  accessList: optional(arrayOf(accessListEntry)),
  nonce: optional(uint64),
  chainId: optional(uint256),
  type: optional(uint64),
})

/**
 * Fields of transaction types this chain does not have. A price for blobs says nothing where there are none, and is let
 * be, as geth does.
 */
const UNSUPPORTED_FIELDS = ['blobVersionedHashes', 'blobs', 'authorizationList'] as const

const REQUEST: Schema = { title: 'Transaction request', ...fields.schema }

export const transactionRequest: Decoder<TransactionRequest> = decoder(REQUEST, (value, at) => {
  const { data: inData, input, type, ...rest } = fields(value, at)
  const record = value as Readonly<Record<string, unknown>>
  for (const name of UNSUPPORTED_FIELDS) {
    const given = record[name]
    if (given !== undefined && given !== null && !(Array.isArray(given) && given.length === 0)) {
      throw invalidParams(
        `${at}.${name} belongs to a transaction type this chain does not have; types 0, 1 and 2 are allowed`,
      )
    }
  }
  if (type !== undefined && type > 2n) throw wrong(`${at}.type`, '"0x0", "0x1" or "0x2"', toQuantity(type))
  if (inData !== undefined && input !== undefined && !equalBytes(inData, input)) {
    throw invalidParams(`${at}.data and ${at}.input differ; give one of them`)
  }
  if (rest.gasPrice !== undefined && (rest.maxFeePerGas !== undefined || rest.maxPriorityFeePerGas !== undefined)) {
    throw invalidParams(`${at} has gasPrice and maxFeePerGas or maxPriorityFeePerGas; give one kind of fee`)
  }
  if (
    rest.maxFeePerGas !== undefined &&
    rest.maxPriorityFeePerGas !== undefined &&
    rest.maxPriorityFeePerGas > rest.maxFeePerGas
  ) {
    throw invalidParams(
      `max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: ${rest.maxPriorityFeePerGas}, maxFeePerGas: ${rest.maxFeePerGas}`,
    )
  }
  const small = type === undefined ? undefined : (Number(type) as 0 | 1 | 2)
  return present({ ...rest, data: inData ?? input, type: small })
})

/** The call in it, without what only a transaction has. */
export function callMessageOf(request: TransactionRequest): CallMessage {
  const { nonce: _nonce, chainId: _chainId, type: _type, ...message } = request
  return message
}

const slots: Decoder<readonly (readonly [Uint8Array, Uint8Array])[]> = decoder(mapOf(word.schema), (value, at) =>
  Object.entries(asRecord(value, at, 'slot to 32-byte value')).map(([key, content]) => [
    slot(key, `${at} key`),
    word(content, `${at}[${JSON.stringify(key)}]`),
  ]),
)

const override = object('{"balance", "nonce", "code", "state", "stateDiff", "movePrecompileToAddress"}', {
  balance: optional(uint256),
  nonce: optional(uint64),
  code: optional(data),
  state: optional(slots),
  stateDiff: optional(slots),
  movePrecompileToAddress: optional(address),
})

/** The third parameter of eth_call: address to what is different. */
export const stateOverrides: Decoder<readonly StateOverride[]> = decoder(
  { title: 'State overrides', ...mapOf(override.schema) },
  (value, at) =>
    Object.entries(asRecord(value, at, 'address to override')).map(([key, content]) => {
      const account = address(key, `${at} key`)
      const where = `${at}[${JSON.stringify(key)}]`
      const { movePrecompileToAddress: movePrecompileTo, ...fields } = override(content, where)
      if (fields.state !== undefined && fields.stateDiff !== undefined) {
        throw invalidParams(`${where} has state and stateDiff; give one of them`)
      }
      return present({ address: account, movePrecompileTo, ...fields })
    }),
)
