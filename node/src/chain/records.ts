/**
 * The values of the database's own records (layout: schema.ts). This node wrote the bytes that are decoded here, so a
 * value of another shape means a damaged database.
 */
import { concatBytes } from '../codec/bytes.ts'
import { decodeRlp, decodeRlpListMembers, encodeRlp } from '../codec/rlp.ts'
import { bytesField } from '../codec/rlpFields.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { decodeReceiptRecord, encodeReceiptRecord } from '../types/receiptCodec.ts'
import { damaged } from './databaseError.ts'

export interface Format {
  readonly version: number
  readonly genesisHash: Uint8Array
}

export function encodeFormat({ version, genesisHash }: Format): Uint8Array {
  const out = new Uint8Array(36)
  new DataView(out.buffer).setUint32(0, version, false)
  out.set(genesisHash, 4)
  return out
}

export function decodeFormat(value: Uint8Array): Format {
  expectLength(value, 36, 'format')
  return { version: viewOf(value).getUint32(0, false), genesisHash: value.slice(4) }
}

export interface HeadRecord {
  readonly number: bigint
  readonly hash: Uint8Array
}

export function encodeHead({ number, hash }: HeadRecord): Uint8Array {
  return concatBytes(encodeNumber(number), hash)
}

export function decodeHead(value: Uint8Array): HeadRecord {
  expectLength(value, 40, 'head')
  return { number: decodeNumber(value.subarray(0, 8)), hash: value.slice(8) }
}

export function encodeNumber(number: bigint): Uint8Array {
  const out = new Uint8Array(8)
  new DataView(out.buffer).setBigUint64(0, number, false)
  return out
}

export function decodeNumber(value: Uint8Array): bigint {
  expectLength(value, 8, 'block number')
  return viewOf(value).getBigUint64(0, false)
}

/** How far the states of old blocks are gone. */
export interface StatesRecord {
  /** Height of the oldest state that is whole. */
  readonly oldest: bigint
  /** Of the gone nodes of that height, the part to look at next. */
  readonly part: number
}

export function encodeStates({ oldest, part }: StatesRecord): Uint8Array {
  const out = new Uint8Array(12)
  out.set(encodeNumber(oldest))
  new DataView(out.buffer).setUint32(8, part, false)
  return out
}

export function decodeStates(value: Uint8Array): StatesRecord {
  expectLength(value, 12, 'states')
  return { oldest: decodeNumber(value.subarray(0, 8)), part: viewOf(value).getUint32(8, false) }
}

/** Where a transaction lies, so that looking up one decodes one, not its block. */
export interface TransactionRecord {
  readonly blockNumber: bigint
  readonly index: number
  /** Of the raw transaction within the block's RLP. */
  readonly offset: number
  readonly length: number
  /** 20 bytes. */
  readonly sender: Uint8Array
}

const TRANSACTION_RECORD_LENGTH = 40

export function encodeTransactionRecord(record: TransactionRecord): Uint8Array {
  const out = new Uint8Array(TRANSACTION_RECORD_LENGTH)
  const view = viewOf(out)
  view.setBigUint64(0, record.blockNumber, false)
  view.setUint32(8, record.index, false)
  view.setUint32(12, record.offset, false)
  view.setUint32(16, record.length, false)
  out.set(record.sender, 20)
  return out
}

export function decodeTransactionRecord(value: Uint8Array): TransactionRecord {
  expectLength(value, TRANSACTION_RECORD_LENGTH, 'transaction')
  const view = viewOf(value)
  return {
    blockNumber: view.getBigUint64(0, false),
    index: view.getUint32(8, false),
    offset: view.getUint32(12, false),
    length: view.getUint32(16, false),
    sender: value.slice(20),
  }
}

/** Written here, and bounded by the gas of the block that was executed: the limits made for peers do not apply. */
const OWN_BYTES = { maxBytes: Number.MAX_SAFE_INTEGER, maxItems: Number.MAX_SAFE_INTEGER }

export function encodeReceiptRecords(records: readonly ReceiptRecord[]): Uint8Array {
  return encodeRlp(records.map(encodeReceiptRecord))
}

/** Keeps views of `value`. */
export function decodeReceiptRecords(value: Uint8Array): ReceiptRecord[] {
  return decodeRlpListMembers(value, OWN_BYTES).map((member) =>
    decodeReceiptRecord(bytesField(decodeRlp(member, OWN_BYTES), 'receipt'), OWN_BYTES),
  )
}

/** RLP strings and lists as blocks hold them: offset of each raw transaction in the block's RLP. */
export function transactionOffsets(rawBlock: Uint8Array, lengths: readonly number[]): number[] {
  const [, transactions] = decodeRlpListMembers(rawBlock)
  if (transactions === undefined) throw new RangeError('a block is a list of three')
  return decodeRlpListMembers(transactions).map((member, index) => {
    // A typed transaction is a string: its bytes are the end of the member.
    const end = member.byteOffset + member.length
    return end - lengths[index]! - rawBlock.byteOffset
  })
}

/** Length of the RLP prefix of any header: its payload is between 256 and 65 535 bytes. */
const HEADER_PREFIX_LENGTH = 3
const HASH_ITEM = 33
const ADDRESS_ITEM = 21
const BLOOM_PREFIX_LENGTH = 3
/** parentHash, ommersHash, miner, stateRoot, transactionsRoot, receiptsRoot come first, all of fixed length. */
const BLOOM_OFFSET = 32 + HEADER_PREFIX_LENGTH + 5 * HASH_ITEM + ADDRESS_ITEM + BLOOM_PREFIX_LENGTH

/** The logs bloom in a header record, found without decoding: a search for logs looks at thousands. */
export function bloomOfHeaderRecord(value: Uint8Array): Uint8Array {
  return value.subarray(BLOOM_OFFSET, BLOOM_OFFSET + 256)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function expectLength(value: Uint8Array, length: number, record: string): void {
  if (value.length !== length) throw damaged(`a ${record} record has ${value.length} bytes instead of ${length}`)
}
