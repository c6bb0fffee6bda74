/**
 * The one batch that makes a block final: block, certificate, receipts, indexes, state, flat tables, head. The store
 * applies it whole or not at all, so there is no order in which a crash could leave half of a block.
 */

import { concatBytes } from '../codec/bytes.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import type { StateChanges } from '../state/stateStore.ts'
import type { Certificate } from '../types/certificate.ts'
import { encodeCertificate } from '../types/certificateCodec.ts'
import { encodeHeader } from '../types/headerCodec.ts'
import type { Candidate } from './candidate.ts'
import {
  encodeFormat,
  encodeHead,
  encodeNumber,
  encodeReceiptRecords,
  encodeTransactionRecord,
  transactionOffsets,
} from './records.ts'
import { flatSlotsOf, keys, SCHEMA_VERSION } from './schema.ts'

/** `certificate` is null for block 0 only. */
export async function commitBatch(
  store: KeyValueStore,
  candidate: Candidate,
  certificate: Certificate | null,
): Promise<StoreOperation[]> {
  const { block, receipts, changes } = candidate
  const { number } = block.header
  const operations: StoreOperation[] = [
    put(keys.header(number), concatBytes(block.hash, encodeHeader(block.header))),
    put(keys.block(number), block.raw),
    put(keys.receipts(number), encodeReceiptRecords(receipts)),
    put(keys.blockNumber(block.hash), encodeNumber(number)),
    put(keys.head, encodeHead({ number, hash: block.hash })),
  ]
  if (certificate !== null) operations.push(put(keys.certificate(number), encodeCertificate(certificate)))
  addTransactions(operations, candidate)
  await addState(operations, store, changes)
  return operations
}

/** Block 0, and the record of what chain this is. */
export async function genesisBatch(store: KeyValueStore, candidate: Candidate): Promise<StoreOperation[]> {
  const format = encodeFormat({ version: SCHEMA_VERSION, genesisHash: candidate.block.hash })
  return [...(await commitBatch(store, candidate, null)), put(keys.format, format)]
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

async function addState(operations: StoreOperation[], store: KeyValueStore, changes: StateChanges): Promise<void> {
  for (const [hash, rlp] of changes.nodes) operations.push(put(keys.node(hash), rlp))
  for (const [hash, code] of changes.codes) operations.push(put(keys.code(hash), code))
  for (const address of changes.wipedAccounts) {
    for await (const [key] of store.range(flatSlotsOf(address))) operations.push({ type: 'del', key })
  }
  for (const [address, rlp] of changes.flatAccounts) operations.push(putOrDelete(keys.flatAccount(address), rlp))
  for (const [address, slot, value] of changes.flatSlots) {
    operations.push(putOrDelete(keys.flatSlot(address, slot), value))
  }
  operations.push(put(keys.flatRoot, changes.root))
}

function put(key: Uint8Array, value: Uint8Array): StoreOperation {
  return { type: 'put', key, value }
}

function putOrDelete(key: Uint8Array, value: Uint8Array | null): StoreOperation {
  return value === null ? { type: 'del', key } : put(key, value)
}
