/** How a block comes apart into its head, which its hash is of, and its transactions, and is put together again. */
import { equalBytes } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import { orderedTrieRoot } from '../../trie/orderedTrie.ts'
import type { Block } from '../../types/block.ts'
import { sealBlock } from '../../types/blockCodec.ts'
import { decodeHeader, encodeHeader } from '../../types/headerCodec.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'

export interface BlockHead {
  readonly hash: Uint8Array
  readonly number: bigint
}

/** Another one is for simulations. */
export interface BlockForm {
  head(block: Block): Uint8Array
  /** @throws CodecError. */
  readHead(raw: Uint8Array): BlockHead
  /** @throws CodecError: the transactions are not those that the head commits to. */
  assemble(head: Uint8Array, transactions: readonly TransactionEnvelope[]): Block
}

/** By identity: a block that is changed is another object. */
const assembled = new WeakSet<Block>()

/** Whether {@link chainBlockForm} has assembled the block: its transactions are those of its transactions root. */
export function isAssembled(block: Block): boolean {
  return assembled.has(block)
}

export const chainBlockForm: BlockForm = {
  head: (block) => encodeHeader(block.header),
  readHead(raw) {
    return { hash: keccak256(raw), number: decodeHeader(raw).number }
  },
  /**
   * The root is compared here: block hashes commit to the transactions only through it, and a block that was executed
   * with others would be remembered as invalid by its hash.
   */
  assemble(head, transactions) {
    const header = decodeHeader(head)
    const root = orderedTrieRoot(transactions.map(({ raw }) => raw))
    if (!equalBytes(root, header.transactionsRoot)) {
      throw new CodecError('out-of-range', 'transactions', "are not those of the header's transactions root")
    }
    const block = sealBlock(header, transactions)
    assembled.add(block)
    return block
  },
}
