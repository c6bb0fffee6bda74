/** The blocks and proposal messages of the height under way: decoded, hashed and executed once, however often proposed. */
import { equalBytes, keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { orderedTrieRoot } from '../trie/orderedTrie.ts'
import type { Block } from '../types/block.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import { MAX_BLOCKS_PER_HEIGHT } from './limits.ts'
import type { ProposalMessage } from './messages.ts'
import type { BlockId } from './vote.ts'

/**
 * Decodes a block and checks that the transactions are those its header commits to. Without the second step a peer could
 * swap the body under a good hash, and the hash would be remembered as invalid. @throws CodecError.
 */
export function decodeProposedBlock(raw: Uint8Array): Block {
  const block = decodeBlock(raw)
  const root = orderedTrieRoot(block.transactions.map((transaction) => transaction.raw))
  if (!equalBytes(root, block.header.transactionsRoot)) {
    throw new CodecError('out-of-range', 'transactions', "are not those of the header's transactions root")
  }
  return block
}

export class ProposedBlocks {
  readonly #decode: (raw: Uint8Array) => Block
  readonly #blocks = new Map<BlockId, Block>()
  readonly #proposals = new Map<string, ProposalMessage>()

  constructor(decode: (raw: Uint8Array) => Block) {
    this.#decode = decode
  }

  block(id: BlockId): Block | undefined {
    return this.#blocks.get(id)
  }

  /** The block of a proposal; bytes that are known are neither decoded nor hashed again. @throws CodecError. */
  decode(message: ProposalMessage): Block {
    const known = this.#blocks.get(keyOf(message.blockHash))
    if (known !== undefined && equalBytes(known.raw, message.block)) return known
    const block = this.#decode(message.block)
    if (!equalBytes(block.hash, message.blockHash)) {
      throw new CodecError('out-of-range', 'blockHash', `the block has the hash ${keyOf(block.hash)}`)
    }
    if (block.header.number !== message.height) {
      throw new CodecError('out-of-range', 'height', `the block has the number ${block.header.number}`)
    }
    return block
  }

  add(message: ProposalMessage, block: Block): void {
    const id = keyOf(message.blockHash)
    const known = this.#blocks.get(id)
    this.#blocks.set(id, known ?? block)
    // The message keeps the bytes of the block that stays, so that a repetition is not held in memory twice.
    this.#proposals.set(keyOfProposal(message.round, id), { ...message, block: (known ?? block).raw })
  }

  proposal(round: number, id: BlockId): ProposalMessage | undefined {
    return this.#proposals.get(keyOfProposal(round, id))
  }

  /** Drops proposals that are not needed, and the oldest blocks that are not, down to the limit. */
  prune(needs: { block(id: BlockId): boolean; proposal(round: number): boolean }): void {
    for (const [key, message] of this.#proposals) if (!needs.proposal(message.round)) this.#proposals.delete(key)
    for (const id of [...this.#blocks.keys()]) {
      if (this.#blocks.size <= MAX_BLOCKS_PER_HEIGHT) return
      if (needs.block(id)) continue
      this.#blocks.delete(id)
      for (const [key, message] of this.#proposals) {
        if (keyOf(message.blockHash) === id) this.#proposals.delete(key)
      }
    }
  }

  clear(): void {
    this.#blocks.clear()
    this.#proposals.clear()
  }
}

function keyOfProposal(round: number, id: BlockId): string {
  return `${round}/${id}`
}
