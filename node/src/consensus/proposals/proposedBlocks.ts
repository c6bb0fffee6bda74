/**
 * The blocks and proposal messages of the height under way: put together, hashed and executed once, however often proposed.
 */
import { equalBytes, keyOf } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import type { Block } from '../../types/block.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'
import { decodeTransaction } from '../../types/transactionCodec.ts'
import type { BlockId } from '../core/vote.ts'
import { MAX_BLOCKS_PER_HEIGHT } from '../limits.ts'
import { decodeContents, type Listed } from '../wire/contents.ts'
import type { PlacedTransaction, ProposalMessage } from '../wire/messages.ts'
import type { BlockForm } from './blockForm.ts'

/** The statement of a proposal about its block, checked. */
export interface ReadProposal {
  readonly listed: readonly Listed[]
  /** Those that came with it. */
  readonly transactions: readonly TransactionEnvelope[]
}

/**
 * Checks all that a proposal shows, so that it can be passed on: the head has the signed hash, and each transaction that
 * comes with it the hash at its place of the list. @throws CodecError: the sender is to blame.
 */
export function readProposal(message: ProposalMessage, form: BlockForm): ReadProposal {
  const head = form.readHead(message.head)
  if (!equalBytes(head.hash, message.blockHash)) {
    throw new CodecError('out-of-range', 'blockHash', `the block has the hash ${keyOf(head.hash)}`)
  }
  if (head.number !== message.height) {
    throw new CodecError('out-of-range', 'height', `the block has the number ${head.number}`)
  }
  const listed = decodeContents(message.contents)
  return { listed, transactions: message.transactions.map((placed) => readPlaced(placed, listed)) }
}

/** @throws CodecError: it is not the one at this place of the list. */
export function readPlaced({ index, raw }: PlacedTransaction, listed: readonly Listed[]): TransactionEnvelope {
  const transaction = decodeTransaction(raw)
  if (keyOf(transaction.hash) === listed[index]!.key) return transaction
  throw new CodecError('out-of-range', `transactions[${index}]`, `has the hash ${keyOf(transaction.hash)}`)
}

interface KnownBlock {
  readonly block: Block
  /** Of the list of its transactions. */
  readonly contentsHash: Uint8Array
}

export class ProposedBlocks {
  readonly #blocks = new Map<BlockId, KnownBlock>()
  /** Without transactions: those are in the blocks. */
  readonly #proposals = new Map<string, ProposalMessage>()

  block(id: BlockId): Block | undefined {
    return this.#blocks.get(id)?.block
  }

  /** The one with this list of transactions. */
  withContents(contentsHash: Uint8Array): Block | undefined {
    for (const known of this.#blocks.values()) if (equalBytes(known.contentsHash, contentsHash)) return known.block
    return undefined
  }

  all(): readonly Block[] {
    return [...this.#blocks.values()].map(({ block }) => block)
  }

  add(message: ProposalMessage, block: Block): void {
    const id = keyOf(message.blockHash)
    if (!this.#blocks.has(id)) this.#blocks.set(id, { block, contentsHash: message.contentsHash })
    this.#proposals.set(keyOfProposal(message.round, id), { ...message, transactions: [] })
  }

  /** Without transactions. */
  proposal(round: number, id: BlockId): ProposalMessage | undefined {
    return this.#proposals.get(keyOfProposal(round, id))
  }

  /** With all transactions, for a validator's own record. */
  wholeProposal(round: number, id: BlockId): ProposalMessage | undefined {
    const message = this.proposal(round, id)
    const block = this.block(id)
    return message === undefined || block === undefined ? undefined : withAll(message, block)
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

export function withAll(message: ProposalMessage, block: Block): ProposalMessage {
  return { ...message, transactions: block.transactions.map(({ raw }, index) => ({ index, raw })) }
}

function keyOfProposal(round: number, id: BlockId): string {
  return `${round}/${id}`
}
