/**
 * The one batch that makes a block final: block, certificate, receipts, indexes, state, flat tables, head. The store
 * applies it whole or not at all, so there is no order in which a crash could leave half of a block.
 */

import { concatBytes } from '../codec/bytes.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import type { StateChanges } from '../state/stateStore.ts'
import { hashedKey } from '../trie/keyHashes.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import { encodeCertificate } from '../types/certificateCodec.ts'
import type { Handover } from '../types/handover.ts'
import { encodeHandover } from '../types/handoverCodec.ts'
import { encodeHeader } from '../types/headerCodec.ts'
import type { Candidate } from './candidate.ts'
import { countedNodes } from './nodeCounts.ts'
import {
  encodeFormat,
  encodeHead,
  encodeNumber,
  encodeReceiptRecords,
  encodeStates,
  encodeTransactionRecord,
  transactionOffsets,
} from './records.ts'
import { flatSlotsOf, keys, SCHEMA_VERSION } from './schema.ts'

export interface DraftOptions {
  /** Whether this database counts its trie nodes (nodeCounts.ts). */
  readonly counted: boolean
  /**
   * Addresses and slots to be kept, which the tries have hashed: of a chain in dev mode, whose state can be dumped. None
   * elsewhere.
   */
  readonly keptKeys: readonly Uint8Array[]
}

export interface Certified {
  /** Null for block 0 only. */
  readonly certificate: Certificate | null
  /** There when other validators decide the next height. */
  readonly handover?: Handover | null
}

/** The writes of a block that are the same whoever decides it and whenever, so that they can be made before. */
export interface CommitDraft {
  readonly operations: readonly StoreOperation[]
  /** All receipts, as `operations` has them (records.ts). */
  readonly receipts: Uint8Array
}

/** All at once: for tests, and for block 0. */
export async function commitBatch(
  store: KeyValueStore,
  candidate: Candidate,
  options: DraftOptions & Certified,
): Promise<StoreOperation[]> {
  const draft = await draftCommit(store, candidate, options)
  return wholeBatch(candidate, draft, await nodeWrites(store, candidate, options), options)
}

/** Reads nothing that anything but the commit of another block changes. @throws StoreError. */
export async function draftCommit(
  store: KeyValueStore,
  candidate: Candidate,
  { keptKeys }: Pick<DraftOptions, 'keptKeys'>,
): Promise<CommitDraft> {
  const { block, changes } = candidate
  const { number } = block.header
  const receipts = encodeReceiptRecords(candidate.receipts)
  const operations: StoreOperation[] = [
    ...blockRecords(block, null),
    put(keys.receipts(number), receipts),
    put(keys.head, encodeHead({ number, hash: block.hash })),
  ]
  addTransactions(operations, candidate)
  for (const [hash, code] of changes.codes) operations.push(put(keys.code(hash), code))
  addKeys(operations, keptKeys)
  await addFlat(operations, store, changes)
  return { operations, receipts }
}

/**
 * The writes for a block's trie nodes. Where nodes are counted, these are right only as long as no other write changes the
 * counts: a state that is let go, or pinned. @throws StoreError.
 */
export async function nodeWrites(
  store: KeyValueStore,
  { block, changes }: Candidate,
  { counted }: Pick<DraftOptions, 'counted'>,
): Promise<readonly StoreOperation[]> {
  if (counted) return countedNodes(store, block.header.number, changes)
  const operations: StoreOperation[] = []
  addNodes(operations, changes)
  return operations
}

export function wholeBatch(
  { block }: Candidate,
  draft: CommitDraft,
  nodes: readonly StoreOperation[],
  { certificate, handover = null }: Certified,
): StoreOperation[] {
  const { number } = block.header
  const operations = [...draft.operations]
  for (const operation of nodes) operations.push(operation)
  if (certificate !== null) operations.push(certificateRecord(number, certificate))
  if (handover !== null) operations.push(put(keys.handover(number), encodeHandover(handover)))
  return operations
}

/** The records of a block by itself, without the results of executing it. */
export function blockRecords(block: Block, certificate: Certificate | null): StoreOperation[] {
  const { number } = block.header
  const records = [
    put(keys.header(number), concatBytes(block.hash, encodeHeader(block.header))),
    put(keys.block(number), block.raw),
    put(keys.blockNumber(block.hash), encodeNumber(number)),
  ]
  if (certificate !== null) records.push(certificateRecord(number, certificate))
  return records
}

/** Block 0, and the record of what chain this is. */
export async function genesisBatch(
  store: KeyValueStore,
  candidate: Candidate,
  { counted, keptKeys }: DraftOptions,
): Promise<StoreOperation[]> {
  const format = encodeFormat({ version: SCHEMA_VERSION, genesisHash: candidate.block.hash })
  const operations = [
    ...(await commitBatch(store, candidate, { certificate: null, counted, keptKeys })),
    put(keys.format, format),
  ]
  if (counted) operations.push(put(keys.states, encodeStates({ oldest: 0n, part: 0 })))
  return operations
}

/**
 * The beginning of a database that will hold a snapshot: block 0 and its state, which every node knows, but no head and
 * nothing in the flat tables. Marked as unfinished, so that nothing else uses it.
 */
export function snapshotBeginning(
  { block, receipts, changes }: Candidate,
  { keptKeys }: Pick<DraftOptions, 'keptKeys'>,
): StoreOperation[] {
  const operations: StoreOperation[] = [
    ...blockRecords(block, null),
    put(keys.receipts(0n), encodeReceiptRecords(receipts)),
    put(keys.format, encodeFormat({ version: SCHEMA_VERSION, genesisHash: block.hash })),
    put(keys.unfinishedSnapshot, new Uint8Array(0)),
  ]
  addNodes(operations, changes)
  addKeys(operations, keptKeys)
  for (const [hash, code] of changes.codes) operations.push(put(keys.code(hash), code))
  return operations
}

function certificateRecord(number: bigint, certificate: Certificate): StoreOperation {
  return put(keys.certificate(number), encodeCertificate(certificate))
}

function addTransactions(operations: StoreOperation[], { block, receipts }: Candidate): void {
  const { number: blockNumber } = block.header
  const lengths = block.transactions.map(({ raw }) => raw.length)
  const offsets = transactionOffsets(block.raw, lengths)
  for (const [index, { hash }] of block.transactions.entries()) {
    const record = {
      blockNumber,
      index,
      offset: offsets[index]!,
      length: lengths[index]!,
      sender: receipts[index]!.sender,
    }
    operations.push(put(keys.transaction(hash), encodeTransactionRecord(record)))
  }
}

function addNodes(operations: StoreOperation[], { nodes }: Pick<StateChanges, 'nodes'>): void {
  for (const [hash, rlp] of nodes) operations.push(put(keys.node(hash), rlp))
}

function addKeys(operations: StoreOperation[], keptKeys: readonly Uint8Array[]): void {
  for (const key of keptKeys) operations.push(put(keys.preimage(hashedKey(key)), key))
}

async function addFlat(operations: StoreOperation[], store: KeyValueStore, changes: StateChanges): Promise<void> {
  for (const [address, rlp] of changes.wentBack?.accounts ?? []) {
    operations.push(putOrDelete(keys.flatAccount(address), rlp))
  }
  for (const [address, slot, value] of changes.wentBack?.slots ?? []) {
    operations.push(putOrDelete(keys.flatSlot(address, slot), value))
  }
  for (const address of changes.wipedAccounts) {
    for await (const [key] of store.range(flatSlotsOf(hashedKey(address)))) operations.push({ type: 'del', key })
  }
  for (const [address, rlp] of changes.flatAccounts) {
    operations.push(putOrDelete(keys.flatAccount(hashedKey(address)), rlp))
  }
  for (const [address, slot, value] of changes.flatSlots) {
    operations.push(putOrDelete(keys.flatSlot(hashedKey(address), hashedKey(slot)), value))
  }
  operations.push(put(keys.flatRoot, changes.root))
}

export function put(key: Uint8Array, value: Uint8Array): StoreOperation {
  return { type: 'put', key, value }
}

function putOrDelete(key: Uint8Array, value: Uint8Array | null): StoreOperation {
  return value === null ? { type: 'del', key } : put(key, value)
}
