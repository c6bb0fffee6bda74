/** A node's handling of transactions that it cannot execute: it keeps them in its quarantine and out of its pool. */
import type { ChainService } from '../chain/chainService.ts'
import { type ExecutionFault, type FaultConsequence, faultText } from '../chain/executionFault.ts'
import type { Quarantine } from '../chain/worker/quarantine.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import type { TxPool } from '../txpool/txPool.ts'

export interface ExecutionFaultsOptions {
  readonly quarantine: Quarantine
  readonly logger: Logger
  /** The quarantine cannot be written: the transaction that stopped the node would stop it again. */
  readonly onFatal: (error: unknown) => void
}

export class ExecutionFaults {
  readonly #options: ExecutionFaultsOptions
  #count = 0

  constructor(options: ExecutionFaultsOptions) {
    this.#options = options
    this.#tell()
  }

  /** The execution worker was started again, and has counted what ended the one before. */
  onRestarted(pool: Pick<TxPool, 'setAside'> | null): void {
    this.#orFatal(() => this.#options.quarantine.reload())
    this.#tell()
    for (const { key } of this.held()) pool?.setAside(fromHex(`0x${key}`))
  }

  /** Faults since the start of the node. */
  get count(): number {
    return this.#count
  }

  /** Set aside, in order of their blocks. */
  held(): ReturnType<Quarantine['entries']> {
    const { quarantine } = this.#options
    return quarantine.entries().filter(({ key }) => quarantine.reasonFor(fromHex(`0x${key}`)) !== null)
  }

  reasonFor(hash: Uint8Array): string | null {
    return this.#options.quarantine.reasonFor(hash)
  }

  note(fault: ExecutionFault, consequence: FaultConsequence, pool: Pick<TxPool, 'setAside'> | null): void {
    this.#count += 1
    const { transaction, block } = fault
    if (consequence === 'executed-again' || transaction === null) return
    this.#options.logger.error({ transaction: toHex(transaction.hash), consequence }, 'a transaction is set aside')
    this.#orFatal(() => this.#options.quarantine.hold(transaction.hash, block, faultText(fault)))
    pool?.setAside(transaction.hash)
  }

  /** The transactions of a final block were executed, and need no care any more. */
  follow(chain: Pick<ChainService, 'onBlock'>): () => void {
    return chain.onBlock(({ block }) => this.#orFatal(() => this.#options.quarantine.settle(block.transactions)))
  }

  #tell(): void {
    const { quarantine, logger } = this.#options
    for (const { key, block, strikes, reason } of quarantine.entries()) {
      const fields = { transaction: `0x${key}`, block: String(block), strikes, reason }
      if (reason === null) logger.warn(fields, 'the node ended while it executed this transaction')
      else logger.error(fields, 'this transaction is set aside; delete its file in the quarantine to release it')
    }
  }

  #orFatal(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.#options.onFatal(error)
    }
  }
}
