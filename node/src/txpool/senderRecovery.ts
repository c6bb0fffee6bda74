/**
 * Recovers senders in batches: what arrives while the workers are busy goes to them together, and memory is bounded.
 * What this node's users send comes before what peers send, so that a flood from outside does not make users wait.
 */
import type { SignatureRecoverer } from '../runtime/signatureRecovery.ts'
import type { TransactionEnvelope } from '../types/transaction.ts'
import { RECOVERY_BATCH, RECOVERY_CALLS } from './limits.ts'

interface Waiting {
  readonly envelope: TransactionEnvelope
  resolve(sender: Uint8Array | null): void
  reject(error: unknown): void
}

export class SenderRecovery {
  readonly #recoverer: SignatureRecoverer
  readonly #limit: number
  #urgent: Waiting[] = []
  #waiting: Waiting[] = []
  #calls = 0
  #scheduled = false

  constructor(recoverer: SignatureRecoverer, limit: number) {
    this.#recoverer = recoverer
    this.#limit = limit
  }

  /** Users and peers have a queue each, so that peers cannot fill the one of the users. */
  isFull(urgent: boolean): boolean {
    return (urgent ? this.#urgent : this.#waiting).length >= this.#limit
  }

  /** The sender, or null when no key could have made the signature. */
  recover(envelope: TransactionEnvelope, urgent: boolean): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      const queue = urgent ? this.#urgent : this.#waiting
      queue.push({ envelope, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      // After the caller's loop over a bundle, not in it.
      queueMicrotask(() => {
        this.#scheduled = false
        this.#fill()
      })
    })
  }

  #fill(): void {
    while (this.#calls < RECOVERY_CALLS) {
      const batch = this.#urgent.splice(0, RECOVERY_BATCH)
      if (batch.length < RECOVERY_BATCH) batch.push(...this.#waiting.splice(0, RECOVERY_BATCH - batch.length))
      if (batch.length === 0) return
      this.#calls++
      void this.#run(batch)
    }
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    try {
      const senders = await this.#recoverer.recover(batch.map(({ envelope }) => envelope))
      for (const [index, waiting] of batch.entries()) waiting.resolve(senders[index] ?? null)
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
    } finally {
      this.#calls--
      this.#fill()
    }
  }
}
