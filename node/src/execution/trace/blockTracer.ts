/** Listens to a block while it runs, or to those of its transactions that are wanted. */
import type { State } from '../../state/state.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import type { TransactionWatch } from '../executeBlock.ts'
import type { ExecutionConfig } from '../executionConfig.ts'
import { Listening, type Trace, type TraceNeeds } from './listening.ts'

export interface TransactionTrace extends Trace {
  readonly transaction: SenderTransaction
  /** Its place in the block. */
  readonly index: number
}

export class BlockTracer implements TransactionWatch {
  readonly traces: TransactionTrace[] = []
  readonly #listening: Listening
  readonly #isWanted: (index: number) => boolean
  #current: { readonly transaction: SenderTransaction; readonly index: number } | null = null

  /** `state` stands before the first transaction; {@link state} and {@link config} run in place of what is given. */
  constructor(state: State, config: ExecutionConfig, needs: TraceNeeds, isWanted: (index: number) => boolean) {
    this.#listening = new Listening(state, config, needs)
    this.#isWanted = isWanted
  }

  get state(): State {
    return this.#listening.state
  }

  get config(): ExecutionConfig {
    return this.#listening.config
  }

  begin(transaction: SenderTransaction, index: number): void {
    this.end()
    if (!this.#isWanted(index)) return
    this.#current = { transaction, index }
    this.#listening.begin()
  }

  end(): void {
    if (this.#current === null) return
    this.traces.push({ ...this.#current, ...this.#listening.take() })
    this.#current = null
  }
}
