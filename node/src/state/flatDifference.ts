/** The changes that take a flat table from one state to another, from the tries of both. */
import { equalBytes } from '../codec/bytes.ts'
import { decodeRlp } from '../codec/rlp.ts'
import { bytesField } from '../codec/rlpFields.ts'
import { differencesBetween } from '../trie/differences.ts'
import type { NodeReader } from '../trie/nodeStore.ts'
import { decodeAccount, EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'

/** By the hashes that the tables are kept under (trie/keyHashes.ts); null deletes. */
export interface FlatDifference {
  readonly accounts: readonly (readonly [hashedAddress: Uint8Array, rlp: Uint8Array | null])[]
  readonly slots: readonly (readonly [hashedAddress: Uint8Array, hashedSlot: Uint8Array, value: Uint8Array | null])[]
}

/**
 * Null when more than `most` accounts and slots differ: no more than that is looked at.
 * @throws MissingNodeError when one of the states is not in the store.
 */
export function flatDifference(
  nodes: NodeReader,
  before: Uint8Array,
  after: Uint8Array,
  most = Number.POSITIVE_INFINITY,
): FlatDifference | null {
  const accounts: (readonly [Uint8Array, Uint8Array | null])[] = []
  const slots: (readonly [Uint8Array, Uint8Array, Uint8Array | null])[] = []
  for (const account of differencesBetween(nodes, before, after)) {
    accounts.push([account.key, account.after])
    if (accounts.length + slots.length > most) return null
    const [from, to] = [storageRootOf(account.before), storageRootOf(account.after)]
    if (equalBytes(from, to)) continue
    for (const slot of differencesBetween(nodes, from, to)) {
      slots.push([account.key, slot.key, slot.after === null ? null : bytesField(decodeRlp(slot.after), 'slot')])
      if (accounts.length + slots.length > most) return null
    }
  }
  return { accounts, slots }
}

function storageRootOf(account: Uint8Array | null): Uint8Array {
  return account === null ? EMPTY_TRIE_ROOT : decodeAccount(account).storageRoot
}
