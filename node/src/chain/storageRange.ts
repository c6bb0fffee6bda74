/** The slots of an account in the middle of a block, for debuggers. */
import { bytesToBigint } from '../codec/bytes.ts'
import { decodeRlp } from '../codec/rlp.ts'
import { bytesField } from '../codec/rlpFields.ts'
import { CallError } from '../execution/call.ts'
import { BlockRun } from '../execution/executeBlock.ts'
import { openState } from '../state/journaledState.ts'
import { memoryNodes } from '../trie/nodeStore.ts'
import { entriesBelow } from '../trie/scan.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import type { BlockReference } from './chainService.ts'
import { damaged } from './databaseError.ts'
import { type CallView, existingHeadAt } from './queries.ts'
import { transactionsOf } from './traces.ts'

export interface StorageRange {
  /** In the order of the keys, which are keccak256 of the slots: the trie has nothing else. */
  readonly slots: readonly { readonly hashedKey: Uint8Array; readonly value: bigint }[]
  /** Where the next range begins; null at the end. */
  readonly next: Uint8Array | null
}

/**
 * Slots of an account before the transaction at `index` of a block ran; where `index` is the number of its transactions,
 * after the last. At most `limit` of them, from the hashed key `start` on.
 * @throws ChainError `unknown-block`, `history-unavailable`, `state-pruned`; CallError for the genesis block and an
 * index without a transaction.
 */
export function storageRangeAt(
  view: CallView,
  at: BlockReference,
  index: number,
  address: Uint8Array,
  start: Uint8Array,
  limit: number,
): StorageRange {
  const { header } = existingHeadAt(view, at)
  if (header.number === 0n) throw new CallError('the genesis block has no transactions')
  const parent = existingHeadAt(view, { number: header.number - 1n })
  view.expectState(parent.header)
  const { database } = view
  const state = openState({ root: parent.header.stateRoot, nodes: database, codes: database })
  const transactions = transactionsOf(view, header.number, state)
  if (index > transactions.length) {
    throw new CallError(`transaction index ${index}: block ${header.number} has ${transactions.length}`)
  }
  const refused = new BlockRun(state, header, view.config).addAll(transactions.slice(0, index))
  if (refused !== null) throw damaged(`block ${header.number} does not run again: ${refused.error.message}`)
  // Nodes that only this block has are not in the database under the root in the middle of it.
  const fresh = memoryNodes()
  fresh.add(state.takeChanges().nodes)
  const root = state.account(address)?.storageRoot ?? EMPTY_TRIE_ROOT
  const nodes = { node: (hash: Uint8Array) => fresh.node(hash) ?? database.node(hash) }
  const slots: { hashedKey: Uint8Array; value: bigint }[] = []
  for (const [hashedKey, value] of entriesBelow(nodes, root, 32, start)) {
    if (slots.length === limit) return { slots, next: hashedKey }
    slots.push({ hashedKey, value: bytesToBigint(bytesField(decodeRlp(value), 'slot')) })
  }
  return { slots, next: null }
}
