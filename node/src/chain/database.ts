/** Reading the chain's database, typed (layout: schema.ts). Writing is commit.ts alone. */
import { equalBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import type { CodeReader, FlatReader, StateChanges } from '../state/stateStore.ts'
import { hashedKey } from '../trie/keyHashes.ts'
import type { NodeReader } from '../trie/nodeStore.ts'
import type { Block } from '../types/block.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import type { Certificate } from '../types/certificate.ts'
import { decodeCertificate } from '../types/certificateCodec.ts'
import { decodeHeader } from '../types/headerCodec.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import type { Head } from './chainService.ts'
import { damaged } from './databaseError.ts'
import { NODE_CACHE_BYTES } from './limits.ts'
import { NodeCache } from './nodeCache.ts'
import {
  bloomOfHeaderRecord,
  decodeFormat,
  decodeHead,
  decodeNumber,
  decodeReceiptRecords,
  decodeStates,
  decodeTransactionRecord,
  type Format,
  type HeadRecord,
  type StatesRecord,
  type TransactionRecord,
} from './records.ts'
import { keys } from './schema.ts'

export class ChainDatabase implements NodeReader, CodeReader {
  readonly store: KeyValueStore
  readonly #nodes: NodeCache
  /** The flat tables of accounts and slots; the chain knows their root. */
  readonly flat: FlatReader

  constructor(store: KeyValueStore, nodeCacheBytes = NODE_CACHE_BYTES) {
    this.store = store
    this.#nodes = new NodeCache(nodeCacheBytes)
    this.flat = {
      account: (address) => store.get(keys.flatAccount(hashedKey(address))),
      slot: (address, key) => store.get(keys.flatSlot(hashedKey(address), hashedKey(key))),
    }
  }

  format(): Format | null {
    const value = this.store.get(keys.format)
    return value === undefined ? null : decodeFormat(value)
  }

  head(): HeadRecord | null {
    const value = this.store.get(keys.head)
    return value === undefined ? null : decodeHead(value)
  }

  flatRoot(): Uint8Array | null {
    return this.store.get(keys.flatRoot) ?? null
  }

  /** Height of the snapshot the chain began with; 0 when it began with the genesis. */
  base(): bigint {
    const value = this.store.get(keys.base)
    return value === undefined ? 0n : decodeNumber(value)
  }

  /** How far old states are gone; null where the nodes are not counted, and the state of every block is here. */
  states(): StatesRecord | null {
    const value = this.store.get(keys.states)
    return value === undefined ? null : decodeStates(value)
  }

  isUnfinishedCount(): boolean {
    return this.store.get(keys.unfinishedCount) !== undefined
  }

  isUnfinishedSnapshot(): boolean {
    return this.store.get(keys.unfinishedSnapshot) !== undefined
  }

  numberOf(blockHash: Uint8Array): bigint | null {
    if (blockHash.length !== 32) return null
    const value = this.store.get(keys.blockNumber(blockHash))
    return value === undefined ? null : decodeNumber(value)
  }

  header(number: bigint): Head | null {
    const value = this.store.get(keys.header(number))
    if (value === undefined) return null
    try {
      return { hash: value.slice(0, 32), header: decodeHeader(value.subarray(32)) }
    } catch (cause) {
      if (!(cause instanceof CodecError)) throw cause
      throw damaged(`the header of block ${number} cannot be decoded`, { cause })
    }
  }

  /** The header's logs bloom, without decoding the header; null when there is no such block. */
  bloom(number: bigint): Uint8Array | null {
    const value = this.store.get(keys.header(number))
    return value === undefined ? null : bloomOfHeaderRecord(value)
  }

  rawBlock(number: bigint): Uint8Array | null {
    return this.store.get(keys.block(number)) ?? null
  }

  block(number: bigint): Block | null {
    const raw = this.rawBlock(number)
    if (raw === null) return null
    try {
      return decodeBlock(raw)
    } catch (cause) {
      if (!(cause instanceof CodecError)) throw cause
      throw damaged(`block ${number} cannot be decoded`, { cause })
    }
  }

  rawCertificate(number: bigint): Uint8Array | null {
    return this.store.get(keys.certificate(number)) ?? null
  }

  certificate(number: bigint): Certificate | null {
    const raw = this.rawCertificate(number)
    return raw === null ? null : decodeCertificate(raw)
  }

  /** As records.ts encodes them. */
  rawReceipts(number: bigint): Uint8Array {
    const value = this.store.get(keys.receipts(number))
    if (value === undefined) throw damaged(`the receipts of block ${number} are missing`)
    return value
  }

  receipts(number: bigint): readonly ReceiptRecord[] {
    return decodeReceiptRecords(this.rawReceipts(number))
  }

  transactionRecord(hash: Uint8Array): TransactionRecord | null {
    if (hash.length !== 32) return null
    const value = this.store.get(keys.transaction(hash))
    return value === undefined ? null : decodeTransactionRecord(value)
  }

  node(hash: Uint8Array): Uint8Array | undefined {
    const cached = this.#nodes.get(hash)
    if (cached !== undefined) return cached
    const node = this.store.get(keys.node(hash))
    if (node !== undefined) this.#nodes.set(hash, node)
    return node
  }

  nodeAtHand(hash: Uint8Array): Uint8Array | undefined {
    return this.#nodes.get(hash)
  }

  /**
   * Keeps in memory the nodes that a block wrote, as the next one reads many of them, and no longer those that it replaced:
   * only questions about the past read these, and in a chain that goes on they are nearly all there is.
   */
  followNodes({ nodes, goneNodes }: Pick<StateChanges, 'nodes' | 'goneNodes'>): void {
    for (const hash of goneNodes) this.#nodes.delete(hash)
    for (const [hash, rlp] of nodes) this.#nodes.set(hash, rlp)
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.store.get(keys.code(hash))
  }

  /** The address or slot with this hash; null where it was never written here, and on chains without dev mode. */
  preimage(hash: Uint8Array): Uint8Array | null {
    return this.store.get(keys.preimage(hash)) ?? null
  }

  /** Whether the number of a hash is that of the block stored there. */
  isCanonical(hash: Uint8Array, number: bigint): boolean {
    const header = this.store.get(keys.header(number))
    return header !== undefined && equalBytes(header.subarray(0, 32), hash)
  }
}
