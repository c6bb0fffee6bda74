/**
 * The layout of the chain's database: every key there is. Documented in docs/protocol/storage.md; a change of any key
 * or value is a new {@link SCHEMA_VERSION}.
 *
 * A key is one prefix byte and a fixed-length rest, integers big-endian, so that keys of one table sort by number.
 */

import { concatBytes } from '../codec/bytes.ts'

/** Raised with every change of layout; a database of a version that is not known here is refused. */
export const SCHEMA_VERSION = 4

/**
 * Version 2 had no count of its trie nodes, and is a database of version 4 that has none (nodeCounts.ts). Version 3
 * counted them only where no state is pinned (statePins.ts), and is one of version 4 that has no pinned state.
 */
export const OLDEST_SCHEMA_VERSION = 2

/** Prefix bytes. Zero is left to the records there is one of. */
const prefix = {
  single: 0x00,
  header: 0x01,
  block: 0x02,
  certificate: 0x03,
  receipts: 0x04,
  blockNumber: 0x05,
  transaction: 0x06,
  node: 0x07,
  code: 0x08,
  flatAccount: 0x09,
  flatSlot: 0x0a,
  handover: 0x0b,
  moreOfNode: 0x0c,
  goneNodes: 0x0d,
  preimage: 0x0e,
  pinnedNodes: 0x0f,
} as const

export interface KeySpan {
  /** Inclusive. */
  readonly from: Uint8Array
  /** Exclusive. */
  readonly to: Uint8Array
}

export const keys = {
  /** Schema version (4 bytes) || genesis hash (32). The first thing read; absent in an empty directory. */
  format: single('format'),
  /** Number (8) || hash (32) of the newest final block. */
  head: single('head'),
  /** State root (32) the flat tables hold; the head's, always. */
  flatRoot: single('flat'),
  /** Height (8) of the snapshot this chain began with; absent when it began with the genesis. */
  base: single('base'),
  /**
   * Height (8) of the oldest state that is here whole || part (4) of its gone nodes that is to be looked at next.
   * Absent where nodes are not counted: then the state of every block is here.
   */
  states: single('states'),
  /** Empty; there while the nodes of the head's state are being counted, and those of no other may be relied on. */
  unfinishedCount: single('counting'),
  /** Empty; there while a snapshot is being fetched, and nothing else of the database may be used. */
  unfinishedSnapshot: single('snapshot'),

  /** Block hash (32) || RLP of the header. */
  header: (number: bigint) => numbered(prefix.header, number),
  /** RLP of the block: [header, transactions, []]. */
  block: (number: bigint) => numbered(prefix.block, number),
  /** RLP of the commit certificate; absent for block 0. */
  certificate: (number: bigint) => numbered(prefix.certificate, number),
  /** RLP list of receipt records as byte strings, in block order. */
  receipts: (number: bigint) => numbered(prefix.receipts, number),
  /** Number (8). */
  blockNumber: (hash: Uint8Array) => prefixed(prefix.blockNumber, hash),
  /** Block number (8) || index (4) || offset (4) and length (4) of the raw transaction in the block's RLP || sender (20). */
  transaction: (hash: Uint8Array) => prefixed(prefix.transaction, hash),
  /** RLP of a trie node, by keccak256. */
  node: (hash: Uint8Array) => prefixed(prefix.node, hash),
  /** Contract code as stored in the account, by keccak256. */
  code: (hash: Uint8Array) => prefixed(prefix.code, hash),
  /** By keccak256 of the address, as in the trie, which is all that a snapshot has: RLP of the account at the head. */
  flatAccount: (addressHash: Uint8Array) => prefixed(prefix.flatAccount, addressHash),
  /** By keccak256 of address and slot: the value at the head without leading zero bytes; absent when zero. */
  flatSlot: (addressHash: Uint8Array, slotHash: Uint8Array) =>
    prefixed(prefix.flatSlot, concatBytes(addressHash, slotHash)),
  /** RLP of the handover at the block; only where the validators change after it, and kept where the block is not. */
  handover: (number: bigint) => numbered(prefix.handover, number),
  /** Number (8) of places, beyond one, that the node got and did not lose again, as far as lost ones were looked at. */
  moreOfNode: (hash: Uint8Array) => prefixed(prefix.moreOfNode, hash),
  /** Hashes (32 each) of nodes that lost a place in the block, one as often as it did; in parts. */
  goneNodes: (number: bigint, part: number) => inParts(prefix.goneNodes, number, part),
  /** Hashes (32 each) of the nodes of the state that a snapshot of dev mode names, one for each place; in parts. */
  pinnedNodes: (snapshot: bigint, part: number) => inParts(prefix.pinnedNodes, snapshot, part),
  /** By its keccak256: an address or a slot that was written since this node executes blocks. Of chains in dev mode only. */
  preimage: (hash: Uint8Array) => prefixed(prefix.preimage, hash),
} as const

/** Handovers from a block on. */
export function handoversFrom(number: bigint): KeySpan {
  return { from: keys.handover(number), to: Uint8Array.of(prefix.handover + 1) }
}

/** All records, as a range of keys. */
export const everything: KeySpan = { from: Uint8Array.of(prefix.single), to: Uint8Array.of(prefix.pinnedNodes + 1) }

/** All trie nodes, as a range of keys. */
export const allNodes: KeySpan = { from: Uint8Array.of(prefix.node), to: Uint8Array.of(prefix.node + 1) }

/** All that is counted of them, as a range of keys. */
export const nodeCounts: KeySpan = { from: Uint8Array.of(prefix.moreOfNode), to: Uint8Array.of(prefix.goneNodes + 1) }

/** The nodes of all pinned states, as a range of keys. */
export const allPinnedNodes: KeySpan = {
  from: Uint8Array.of(prefix.pinnedNodes),
  to: Uint8Array.of(prefix.pinnedNodes + 1),
}

/** Of the key of such a record. */
export function pinnedPartOf(key: Uint8Array): { readonly snapshot: bigint; readonly part: number } {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  return { snapshot: view.getBigUint64(1, false), part: view.getUint32(9, false) }
}

/** Both flat tables, as a range of keys. */
export const flatTables: KeySpan = { from: Uint8Array.of(prefix.flatAccount), to: Uint8Array.of(prefix.flatSlot + 1) }

/** Every flat slot of an account, as a range of keys. */
export function flatSlotsOf(addressHash: Uint8Array): KeySpan {
  const from = prefixed(prefix.flatSlot, addressHash)
  // A slot's key is 32 bytes, so 33 bytes of 0xff come after all of them.
  return { from, to: concatBytes(from, new Uint8Array(33).fill(0xff)) }
}

function single(name: string): Uint8Array {
  return prefixed(prefix.single, new TextEncoder().encode(name))
}

function numbered(table: number, number: bigint): Uint8Array {
  const key = new Uint8Array(9)
  key[0] = table
  new DataView(key.buffer).setBigUint64(1, number, false)
  return key
}

function inParts(table: number, number: bigint, part: number): Uint8Array {
  const key = new Uint8Array(13)
  key.set(numbered(table, number))
  new DataView(key.buffer).setUint32(9, part, false)
  return key
}

function prefixed(table: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + rest.length)
  key[0] = table
  key.set(rest, 1)
  return key
}
