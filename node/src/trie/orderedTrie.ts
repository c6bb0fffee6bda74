import { encodeRlp } from '../codec/rlp.ts'
import { integerItem } from '../codec/rlpFields.ts'
import { Trie } from './trie.ts'

/**
 * Root of the trie that maps rlp(index) to each value: a header's transactions root (of raw transactions) and receipts
 * root (of encoded receipts). 32 bytes.
 */
export function orderedTrieRoot(values: readonly Uint8Array[]): Uint8Array {
  return orderedTrie(values).root()
}

/** The trie itself, to make proofs from; the key of position i is rlp(i). */
export function orderedTrie(values: readonly Uint8Array[]): Trie {
  const trie = new Trie()
  for (let i = 0; i < values.length; i++) trie.put(encodeRlp(integerItem(i)), values[i]!)
  return trie
}
