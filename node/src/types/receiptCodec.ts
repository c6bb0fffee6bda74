/**
 * Receipts, twice: what the receipts trie commits to (EIP-658, in the envelope of EIP-2718), and the record a node
 * stores, which adds what it learnt while executing. Formats: docs/protocol/formats.md.
 */
import { concatBytes, EMPTY_BYTES, equalBytes } from '../codec/bytes.ts'
import { CodecError, decodeWithin } from '../codec/codecError.ts'
import { decodeRlp, encodeRlp, type RlpItem, type RlpLimits } from '../codec/rlp.ts'
import {
  bytesField,
  fixedBytesField,
  integerField,
  integerItem,
  listField,
  MAX_UINT64,
  MAX_UINT256,
  numberField,
  tupleField,
} from '../codec/rlpFields.ts'
import { BLOOM_LENGTH, logsBloom } from './bloom.ts'
import type { Log } from './log.ts'
import type { Receipt, ReceiptRecord } from './receipt.ts'
import { DEV_TRANSACTION_TYPE } from './transaction.ts'

/** RLP of a list begins with this byte or a higher one, an envelope of EIP-2718 with a lower one. */
const FIRST_LIST_BYTE = 0xc0

/** The value in the receipts trie: the list for type 0, type byte || list otherwise. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const list = encodeRlp([
    integerItem(receipt.status),
    integerItem(receipt.cumulativeGasUsed),
    receipt.logsBloom,
    receipt.logs.map(logItem),
  ])
  return receipt.type === 0 ? list : concatBytes(Uint8Array.of(receipt.type), list)
}

/** Decodes the bytes of {@link encodeReceipt}. @throws CodecError, also when the bloom is not that of the logs. */
export function decodeReceipt(raw: Uint8Array): Receipt {
  return decodeWithin('receipt', () => {
    const isList = raw.length > 0 && raw[0]! >= FIRST_LIST_BYTE
    const type = isList || raw.length === 0 ? 0 : typeOf(raw[0]!)
    const f = tupleField(decodeRlp(isList ? raw : raw.subarray(1)), 4, '')
    const logs = listField(f[3], 'logs').map(logOf)
    const bloom = fixedBytesField(f[2], BLOOM_LENGTH, 'logsBloom')
    if (!equalBytes(bloom, logsBloom(logs)))
      throw new CodecError('wrong-shape', 'logsBloom', 'it is not that of the logs')
    return {
      type,
      status: numberField(f[0], 1, 'status') === 1 ? 1 : 0,
      cumulativeGasUsed: integerField(f[1], MAX_UINT64, 'cumulativeGasUsed'),
      logsBloom: bloom,
      logs,
    }
  })
}

/** For the store. The bloom is left out: it is a function of the logs and would be most of the bytes. */
export function encodeReceiptRecord(record: ReceiptRecord): Uint8Array {
  const { receipt, failure } = record
  return encodeRlp([
    integerItem(receipt.type),
    integerItem(receipt.status),
    integerItem(receipt.cumulativeGasUsed),
    receipt.logs.map(logItem),
    record.transactionHash,
    record.sender,
    record.contractAddress ?? EMPTY_BYTES,
    integerItem(record.gasUsed),
    integerItem(record.effectiveGasPrice),
    failure === null
      ? []
      : [new TextEncoder().encode(failure.message), failure.revertData === null ? [] : [failure.revertData]],
  ])
}

/**
 * Keeps views of `raw`. The bloom is made when somebody asks for it: it takes a hash for each address and topic, which a
 * block may have 80 000 of, and few readers want it.
 * @throws CodecError.
 */
export function decodeReceiptRecord(raw: Uint8Array, limits: RlpLimits = {}): ReceiptRecord {
  return decodeWithin('receipt', () => {
    const f = tupleField(decodeRlp(raw, limits), 10, '')
    const logs = listField(f[3], 'logs').map(logOf)
    let bloom: Uint8Array | null = null
    return {
      receipt: {
        type: typeOf(numberField(f[0], 255, 'type')),
        status: numberField(f[1], 1, 'status') === 1 ? 1 : 0,
        cumulativeGasUsed: integerField(f[2], MAX_UINT64, 'cumulativeGasUsed'),
        get logsBloom() {
          bloom ??= logsBloom(logs)
          return bloom
        },
        logs,
      },
      transactionHash: fixedBytesField(f[4], 32, 'transactionHash'),
      sender: fixedBytesField(f[5], 20, 'sender'),
      contractAddress: optionalAddress(f[6]),
      gasUsed: integerField(f[7], MAX_UINT64, 'gasUsed'),
      effectiveGasPrice: integerField(f[8], MAX_UINT256, 'effectiveGasPrice'),
      failure: failureOf(f[9]),
    }
  })
}

function logItem({ address, topics, data }: Log): RlpItem {
  return [address, topics, data]
}

function logOf(item: RlpItem, index: number): Log {
  const field = `logs[${index}]`
  const [address, topics, data] = tupleField(item, 3, field)
  const topicItems = listField(topics, `${field}.topics`)
  if (topicItems.length > 4) throw new CodecError('wrong-shape', `${field}.topics`, 'more than 4')
  return {
    address: fixedBytesField(address, 20, `${field}.address`),
    topics: topicItems.map((topic, position) => fixedBytesField(topic, 32, `${field}.topics[${position}]`)),
    data: bytesField(data, `${field}.data`),
  }
}

function typeOf(type: number): Receipt['type'] {
  if (type === 0 || type === 1 || type === 2 || type === DEV_TRANSACTION_TYPE) return type
  throw new CodecError('unsupported-type', 'type', `no receipt of type ${type}`)
}

function optionalAddress(item: RlpItem | undefined): Uint8Array | null {
  return bytesField(item, 'contractAddress').length === 0 ? null : fixedBytesField(item, 20, 'contractAddress')
}

function failureOf(item: RlpItem | undefined): ReceiptRecord['failure'] {
  if (listField(item, 'failure').length === 0) return null
  const [message, revertData] = tupleField(item, 2, 'failure')
  const [data] = listField(revertData, 'failure.revertData')
  return {
    message: new TextDecoder().decode(bytesField(message, 'failure.message')),
    revertData: data === undefined ? null : bytesField(data, 'failure.revertData'),
  }
}
