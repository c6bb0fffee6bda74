/**
 * Blocks as methods ask for them. The newest stay here as the chain announces them, so that the questions clients ask
 * most (the latest block, a receipt just after it came to be) cost no trip to the execution worker; the others are
 * fetched from the chain.
 */
import type { BlockReference, ChainService } from '../../chain/chainService.ts'
import { keyOf } from '../../codec/bytes.ts'
import type { Block } from '../../types/block.ts'
import { JsonText } from '../json.ts'
import type { RpcLimits } from '../limits.ts'
import { blockView } from '../views/block.ts'
import { ExecutedBlock } from './executedBlock.ts'

export interface TransactionInBlock {
  readonly block: ExecutedBlock
  readonly index: number
}

export class Blocks {
  readonly #chain: ChainService
  readonly #limits: Pick<RpcLimits, 'recentBlocks' | 'recentBytes'>
  /** By hash, oldest first. */
  readonly #recent = new Map<string, ExecutedBlock>()
  readonly #byNumber = new Map<bigint, ExecutedBlock>()
  readonly #byTransaction = new Map<string, TransactionInBlock>()
  #weight = 0
  readonly #listeners = new Set<(block: ExecutedBlock) => void>()
  readonly #waiting = new Map<string, Set<(found: TransactionInBlock) => void>>()
  readonly #stop: () => void

  constructor(chain: ChainService, limits: Pick<RpcLimits, 'recentBlocks' | 'recentBytes'>) {
    this.#chain = chain
    this.#limits = limits
    this.#stop = chain.onBlock(({ block, receipts }) => this.#add(new ExecutedBlock(block, receipts)))
  }

  close(): void {
    this.#stop()
    this.#listeners.clear()
    this.#waiting.clear()
  }

  /** Called for each new block, in order, when it can be found here. */
  onBlock(listener: (block: ExecutedBlock) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called once, when the transaction is in a block. Returns the way to stop waiting. */
  onTransaction(hash: Uint8Array, listener: (found: TransactionInBlock) => void): () => void {
    const key = keyOf(hash)
    const listeners = this.#waiting.get(key) ?? new Set()
    listeners.add(listener)
    this.#waiting.set(key, listeners)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#waiting.get(key) === listeners) this.#waiting.delete(key)
    }
  }

  /** Null when there is none. */
  async block(at: BlockReference): Promise<Block | null> {
    const recent = this.#find(at)
    return recent === undefined ? ((await this.#chain.block(at))?.block ?? null) : recent.block
  }

  async executed(at: BlockReference): Promise<ExecutedBlock | null> {
    const recent = this.#find(at)
    if (recent !== undefined) return recent
    const block = await this.block(at)
    if (block === null) return null
    const receipts = await this.#chain.receipts({ hash: block.hash })
    return receipts === null ? null : new ExecutedBlock(block, receipts.receipts)
  }

  /** @param full with whole transactions, else with their hashes. */
  async blockText(at: BlockReference, full: boolean): Promise<JsonText | null> {
    const recent = this.#find(at)
    if (recent !== undefined) return recent.blockText(full)
    if (full) return (await this.executed(at))?.blockText(true) ?? null
    const block = await this.block(at)
    return block === null ? null : new JsonText(JSON.stringify(blockView(block, null)))
  }

  recentTransaction(hash: Uint8Array): TransactionInBlock | undefined {
    return this.#byTransaction.get(keyOf(hash))
  }

  async transaction(hash: Uint8Array): Promise<TransactionInBlock | null> {
    const recent = this.recentTransaction(hash)
    if (recent !== undefined) return recent
    const location = await this.#chain.transaction(hash)
    if (location === null) return null
    const block = await this.executed({ hash: location.blockHash })
    return block === null ? null : { block, index: location.index }
  }

  #find(at: BlockReference): ExecutedBlock | undefined {
    if (at === 'latest') return this.#recent.get(keyOf(this.#chain.head().hash))
    if (at === 'earliest') return this.#byNumber.get(0n)
    return 'hash' in at ? this.#recent.get(keyOf(at.hash)) : this.#byNumber.get(at.number)
  }

  #add(added: ExecutedBlock): void {
    const { block } = added
    this.#recent.set(keyOf(block.hash), added)
    this.#byNumber.set(block.header.number, added)
    this.#weight += added.weight
    block.transactions.forEach((envelope, index) => {
      const key = keyOf(envelope.hash)
      const found = { block: added, index }
      this.#byTransaction.set(key, found)
      const waiting = this.#waiting.get(key)
      if (waiting === undefined) return
      this.#waiting.delete(key)
      for (const listener of waiting) listener(found)
    })
    this.#evict(added)
    for (const listener of this.#listeners) listener(added)
  }

  #evict(newest: ExecutedBlock): void {
    for (const [key, oldest] of this.#recent) {
      const { recentBlocks, recentBytes } = this.#limits
      if (oldest === newest || (this.#recent.size <= recentBlocks && this.#weight <= recentBytes)) return
      this.#recent.delete(key)
      this.#byNumber.delete(oldest.block.header.number)
      this.#weight -= oldest.weight
      for (const envelope of oldest.block.transactions) this.#byTransaction.delete(keyOf(envelope.hash))
    }
  }
}
