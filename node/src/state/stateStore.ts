/** The store a state reads from, and the changes it hands back for the block's batch. */
import type { NodeReader, StoredNode } from '../trie/nodeStore.ts'
import type { FlatDifference } from './flatDifference.ts'

export interface CodeReader {
  /** The code whose keccak256 is `hash`; undefined when absent. Not to be written to afterwards. */
  code(hash: Uint8Array): Uint8Array | undefined
}

/**
 * The state of one block as a plain table: a read is one look-up instead of a walk down the trie. Only for a state
 * opened at that very block, and only as long as the table stays there or moves on to this state's own changes.
 */
export interface FlatReader {
  /** RLP of the account (types/accountCodec.ts); undefined when absent. */
  account(address: Uint8Array): Uint8Array | undefined
  /** The slot's value without leading zero bytes; undefined when zero. */
  slot(address: Uint8Array, key: Uint8Array): Uint8Array | undefined
}

export interface StateSource {
  /** 32 bytes; the state root of any block whose state is kept. */
  readonly root: Uint8Array
  readonly nodes: NodeReader
  readonly codes: CodeReader
  /** Given only when the table is at `root`. */
  readonly flat?: FlatReader | undefined
}

/** Everything that changed since the state was opened or the changes were last taken. */
export interface StateChanges {
  readonly root: Uint8Array
  /**
   * Trie nodes that stand where others, or none, stood before, of the state trie and of storage tries; one as often as
   * there are such places. Their order has no meaning. A node that is in the store already, from elsewhere or from an
   * earlier block, is among them.
   */
  readonly nodes: readonly StoredNode[]
  /** Hashes of the nodes that stood there, as often. */
  readonly goneNodes: readonly Uint8Array[]
  readonly codes: readonly (readonly [hash: Uint8Array, code: Uint8Array])[]
  /**
   * Accounts all of whose slots leave the flat table, before `flatSlots` are put. Only accounts without nonce, balance
   * and code but with storage get here; no contract can bring that about.
   */
  readonly wipedAccounts: readonly Uint8Array[]
  /** RLP as `FlatReader.account` returns it; null deletes. */
  readonly flatAccounts: readonly (readonly [address: Uint8Array, rlp: Uint8Array | null])[]
  /** Bytes as `FlatReader.slot` returns them; null deletes. */
  readonly flatSlots: readonly (readonly [address: Uint8Array, key: Uint8Array, value: Uint8Array | null])[]
  /** Instead of the three lists above, which then are empty, where the state went back to an earlier one; else null. */
  readonly wentBack: FlatDifference | null
  /** Addresses and slots that were written: the tries have their hashes only. */
  readonly keys: readonly Uint8Array[]
}

/** Code that an account names is not in the store. */
export class MissingCodeError extends Error {
  override readonly name = 'MissingCodeError'
}
