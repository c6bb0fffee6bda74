/** Listens to a block while it runs, or to those of its transactions that are wanted. */
import type { BlockState } from '../../state/state.ts'
import { isDevTransaction, type SenderTransaction } from '../../types/transaction.ts'
import type { TransactionWatch } from '../executeBlock.ts'
import type { ExecutionConfig } from '../executionConfig.ts'
import type { TracedFrame } from './callTree.ts'
import { Listening, type RootedTrace, type TraceNeeds } from './listening.ts'
import { TracedBlockState } from './tracedState.ts'

export interface TransactionTrace extends RootedTrace {
  readonly transaction: SenderTransaction
  /** Its place in the block. */
  readonly index: number
}

/** Before it is known what the transaction paid. */
export type UnpaidTrace = Omit<TransactionTrace, 'profile'> & Pick<ReturnType<Listening['take']>, 'profile'>

export class BlockTracer implements TransactionWatch {
  readonly traces: UnpaidTrace[] = []
  readonly #listening: Listening<TracedBlockState>
  readonly #isWanted: (index: number) => boolean
  #current: { readonly transaction: SenderTransaction; readonly index: number } | null = null

  /** `state` stands before the first transaction; {@link state} and {@link config} run in place of what is given. */
  constructor(state: BlockState, config: ExecutionConfig, needs: TraceNeeds, isWanted: (index: number) => boolean) {
    this.#listening = new Listening(state, (onLog) => new TracedBlockState(state, onLog), config, needs)
    this.#isWanted = isWanted
  }

  get state(): BlockState {
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
    const { root, state, profile } = this.#listening.take()
    this.traces.push({ ...this.#current, root: root ?? withoutMessage(this.#current.transaction), state, profile })
    this.#current = null
  }
}

/** The trace of a transaction that ran no message: operations on a chain in dev mode (docs/protocol/dev.md). */
function withoutMessage({ transaction, sender }: SenderTransaction): TracedFrame {
  const { to, value, data, gasLimit } = transaction
  return {
    ...{ kind: 'CALL', from: isDevTransaction(transaction) ? transaction.from : sender },
    ...{ to: to ?? new Uint8Array(20), value, input: data, gas: gasLimit, gasUsed: 0n },
    ...{ output: new Uint8Array(0), error: null, steps: [] },
  }
}
