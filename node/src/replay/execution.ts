/** One engine's execution of a replayed chain: its state in memory, moved on block by block. */
import { keptReceipts } from '../chain/candidate.ts'
import { type BlockContext, blockContextOf } from '../execution/executeBlock.ts'
import { executeTransaction } from '../execution/executeTransaction.ts'
import type { EngineName, ExecutionConfig } from '../execution/executionConfig.ts'
import { createProgramCache } from '../execution/programCache.ts'
import { type JournaledState, openState } from '../state/journaledState.ts'
import { type MemoryStateStore, memoryStateStore } from '../state/memoryState.ts'
import type { StateChanges, StateSource } from '../state/stateStore.ts'
import { orderedTrieRoot } from '../trie/orderedTrie.ts'
import type { Block } from '../types/block.ts'
import { mergeBlooms } from '../types/bloom.ts'
import type { Genesis } from '../types/genesis.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { encodeReceipt } from '../types/receiptCodec.ts'

export interface ExecutionResult {
  readonly receipts: readonly ReceiptRecord[]
  /** What the receipts trie holds. */
  readonly encodedReceipts: readonly Uint8Array[]
  /** Why the transaction after the last receipt cannot be in the block; null when all ran. */
  readonly invalid: string | null
  readonly gasUsed: bigint
  readonly logsBloom: Uint8Array
  readonly receiptsRoot: Uint8Array
  readonly stateRoot: Uint8Array
}

export class Execution {
  readonly engine: EngineName
  readonly #config: ExecutionConfig
  readonly #store: MemoryStateStore = memoryStateStore()
  #root: Uint8Array
  #pending: JournaledState | null = null

  /** `genesisChanges`: what block 0 puts into the state. */
  constructor(genesis: Genesis, engine: EngineName, genesisChanges: StateChanges) {
    this.engine = engine
    this.#config = { chainId: genesis.chainId, schedule: genesis.schedule, engine, programs: createProgramCache() }
    this.#store.add(genesisChanges)
    this.#root = genesisChanges.root
  }

  /** After the last committed block. */
  state(): JournaledState {
    const { nodes, codes, flat } = this.#store
    return openState({ root: this.#root, nodes, codes, flat })
  }

  /** The same, for who opens it himself. */
  source(): Pick<StateSource, 'root' | 'nodes' | 'codes'> {
    const { nodes, codes } = this.#store
    return { root: this.#root, nodes, codes }
  }

  /** On the state after the last committed block; keeps what changed until {@link commit}. */
  execute(block: Block, senders: readonly Uint8Array[]): ExecutionResult {
    const state = this.state()
    const { receipts, invalid, gasUsed } = this.#run(state, block, senders, blockContextOf(block.header))
    const encodedReceipts = receipts.map(({ receipt }) => encodeReceipt(receipt))
    this.#pending = state
    return {
      receipts: keptReceipts(receipts),
      encodedReceipts,
      invalid,
      gasUsed,
      logsBloom: mergeBlooms(receipts.map(({ receipt }) => receipt.logsBloom)),
      receiptsRoot: orderedTrieRoot(encodedReceipts),
      stateRoot: state.root(),
    }
  }

  /** Makes the block executed last the one that the next builds on. */
  commit(): void {
    const changes = this.#pending!.takeChanges()
    this.#store.add(changes)
    this.#root = changes.root
    this.#pending = null
  }

  #run(state: JournaledState, block: Block, senders: readonly Uint8Array[], context: BlockContext) {
    const receipts: ReceiptRecord[] = []
    let gasUsed = 0n
    for (const [index, envelope] of block.transactions.entries()) {
      const tx = { ...envelope, sender: senders[index]! }
      const outcome = executeTransaction(state, tx, context, block.header.gasLimit - gasUsed, this.#config)
      if (!outcome.ok) return { receipts, gasUsed, invalid: outcome.error.message }
      receipts.push(outcome.receipt)
      gasUsed += outcome.receipt.gasUsed
    }
    return { receipts, gasUsed, invalid: null }
  }
}
