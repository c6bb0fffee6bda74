/** One engine's execution of a replayed chain: its state in memory, moved on block by block. */
import { keptReceipts } from '../chain/candidate.ts'
import { BlockRun, type ExecutedBlock } from '../execution/executeBlock.ts'
import type { EngineName, ExecutionConfig } from '../execution/executionConfig.ts'
import { createProgramCache } from '../execution/programCache.ts'
import { type JournaledState, openState } from '../state/journaledState.ts'
import { type MemoryStateStore, memoryStateStore } from '../state/memoryState.ts'
import type { StateChanges, StateSource } from '../state/stateStore.ts'
import type { Block } from '../types/block.ts'
import type { Genesis } from '../types/genesis.ts'

export interface ExecutionResult extends ExecutedBlock {
  /** Why the transaction after the last receipt cannot be in the block; null when all ran. */
  readonly invalid: string | null
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
    const run = new BlockRun(state, block.header, this.#config)
    const refused = run.addAll(block.transactions.map((envelope, index) => ({ ...envelope, sender: senders[index]! })))
    const executed = run.finish()
    this.#pending = state
    return { ...executed, receipts: keptReceipts(executed.receipts), invalid: refused?.error.message ?? null }
  }

  /** Makes the block executed last the one that the next builds on. */
  commit(): void {
    const changes = this.#pending!.takeChanges()
    this.#store.add(changes)
    this.#root = changes.root
    this.#pending = null
  }
}
