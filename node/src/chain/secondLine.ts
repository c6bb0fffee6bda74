/**
 * The second line of defence around execution, and the one place where an exception that nobody expected is caught: a native
 * stack that was used up, memory the machine does not give, a module its WebAssembly refuses, a fault in our own code.
 *
 * None of them is a result. Everything is executed once more from the parent's state, on the engine whose native stack
 * does not grow with the contract's and which needs no compiler; its outcome is the result, as all engines give the
 * same. If it cannot either, the caller is told which transaction it was.
 *
 * Why it is so: docs/rationale/chain.md.
 */
import { keyOf } from '../codec/bytes.ts'
import { printable } from '../codec/visibleText.ts'
import { forgetExecutions } from '../execution/contractHost.ts'
import type { TransactionWatch } from '../execution/executeBlock.ts'
import type { EngineName, ExecutionConfig } from '../execution/executionConfig.ts'
import { MissingCodeError } from '../state/stateStore.ts'
import { MissingNodeError } from '../trie/nodeStore.ts'
import type { TransactionEnvelope } from '../types/transaction.ts'
import { DatabaseError } from './databaseError.ts'
import type { ExecutionFault, FaultConsequence } from './executionFault.ts'
import { type ExecutionMark, NO_MARK } from './executionMark.ts'
import { BY_REFERENCE_AT, MAX_FAULT_TEXT, MAX_REMEMBERED_FAULTS, REFUSED_AT } from './limits.ts'

/** By transaction hash, hex without 0x. It may lose entries while the chain runs. */
export type Strikes = Pick<ReadonlyMap<string, number>, 'get' | 'size'>

export interface SecondLineOptions {
  readonly config: ExecutionConfig
  readonly mark?: ExecutionMark
  /** How often the node died while it executed a transaction, by its hash (hex without 0x). */
  readonly strikes?: Strikes
  readonly onFault?: (fault: ExecutionFault, consequence: FaultConsequence) => void
}

export type Guarded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: ExecutionFault }

export class SecondLine {
  readonly #engines: readonly ExecutionConfig[]
  readonly #mark: ExecutionMark
  readonly #strikes: Strikes
  /** Transactions in which the compiled engine failed since the start. */
  readonly #failed = new Set<string>()
  readonly #onFault: NonNullable<SecondLineOptions['onFault']>

  constructor({ config, mark = NO_MARK, strikes = new Map<string, number>(), onFault = () => {} }: SecondLineOptions) {
    // Twice the reference engine where it is the first: the failure may have been memory that others held.
    this.#engines = [config, { ...config, engine: 'reference' }]
    this.#mark = mark
    this.#strikes = strikes
    this.#onFault = onFault
  }

  /**
   * Runs `attempt`, which begins with a state of its own each time and tells the watch of each transaction.
   * @throws StoreError, DatabaseError, MissingNodeError, MissingCodeError: the disk fails, on any engine.
   */
  run<T>(
    block: bigint,
    transactions: readonly TransactionEnvelope[],
    attempt: (config: ExecutionConfig, watch: TransactionWatch) => T,
  ): Guarded<T> {
    const [first, second] = this.#engines as [ExecutionConfig, ExecutionConfig]
    const struck = this.#mostStruck(transactions)
    if (struck.strikes >= REFUSED_AT) return { ok: false, fault: deadly(transactions[struck.index]!, struck, block) }
    if (struck.strikes >= BY_REFERENCE_AT) return this.#try(second, block, attempt)
    const [one, other] = this.#mayFailAgain(transactions) ? [second, first] : [first, second]
    const outcome = this.#try(one, block, attempt)
    if (outcome.ok) return outcome
    this.#remember(outcome.fault)
    const again = this.#try(other, block, attempt)
    if (!again.ok) return { ok: false, fault: { ...again.fault, before: outcome.fault } }
    this.#onFault(outcome.fault, 'executed-again')
    return again
  }

  /**
   * A transaction is proposed in round after round, in a block of its own each time: the engine that failed is not
   * tried first again.
   */
  #mayFailAgain(transactions: readonly TransactionEnvelope[]): boolean {
    return this.#failed.size > 0 && transactions.some(({ hash }) => this.#failed.has(keyOf(hash)))
  }

  #remember({ transaction, engine }: ExecutionFault): void {
    if (transaction === null || engine === 'reference') return
    this.#failed.add(keyOf(transaction.hash))
    for (const oldest of this.#failed) {
      if (this.#failed.size <= MAX_REMEMBERED_FAULTS) break
      this.#failed.delete(oldest)
    }
  }

  /** Whether this node may propose it: not what it died of more than once. */
  mayPropose({ hash }: TransactionEnvelope): boolean {
    return (this.#strikes.get(keyOf(hash)) ?? 0) < BY_REFERENCE_AT
  }

  report(fault: ExecutionFault, consequence: FaultConsequence): void {
    this.#onFault(fault, consequence)
  }

  #mostStruck(transactions: readonly TransactionEnvelope[]): Struck {
    let most: Struck = { index: -1, strikes: 0 }
    if (this.#strikes.size === 0) return most
    for (const [index, { hash }] of transactions.entries()) {
      const strikes = this.#strikes.get(keyOf(hash)) ?? 0
      if (strikes > most.strikes) most = { index, strikes }
    }
    return most
  }

  #try<T>(
    config: ExecutionConfig,
    block: bigint,
    attempt: (config: ExecutionConfig, watch: TransactionWatch) => T,
  ): Guarded<T> {
    let transaction: ExecutionFault['transaction'] = null
    const watch: TransactionWatch = {
      begin: ({ hash }, index) => {
        transaction = { hash, index }
        this.#mark.begin(hash, block)
      },
      end: () => {
        transaction = null
        this.#mark.end()
      },
    }
    forgetExecutions()
    try {
      return { ok: true, value: attempt(config, watch) }
    } catch (error) {
      if (isOfTheDisk(error)) throw error
      // Compiled code and pooled instances may be what failed, and they hold memory.
      config.programs.clear()
      return { ok: false, fault: faultOf(error, block, transaction, config.engine) }
    } finally {
      this.#mark.end()
    }
  }
}

interface Struck {
  readonly index: number
  readonly strikes: number
}

function deadly({ hash }: TransactionEnvelope, { index, strikes }: Struck, block: bigint): ExecutionFault {
  return {
    block,
    transaction: { hash, index },
    engine: 'reference',
    error: `the node ended ${strikes} times while it executed it, and does not try again`,
    stack: null,
    before: null,
  }
}

function faultOf(
  error: unknown,
  block: bigint,
  transaction: ExecutionFault['transaction'],
  engine: EngineName,
): ExecutionFault {
  const where = { block, transaction, engine, before: null }
  if (!(error instanceof Error)) return { ...where, error: cut(String(error)), stack: null }
  return { ...where, error: cut(`${error.name}: ${error.message}`), stack: error.stack ?? null }
}

function cut(text: string): string {
  return printable(text, MAX_FAULT_TEXT)
}

/** No other engine reads it better. The store is handed in, so its error is known by its name. */
function isOfTheDisk(error: unknown): boolean {
  if (error instanceof DatabaseError || error instanceof MissingNodeError || error instanceof MissingCodeError)
    return true
  return error instanceof Error && error.name === 'StoreError'
}
