/**
 * Recovers senders in batches: transactions that arrive while the workers are busy go to them together, and memory is
 * bounded.
 *
 * Transactions of this node's users come before those of peers, so that a flood from outside does not make users wait.
 * Peers have their turns (fairQueue.ts). Peers that the configuration names come first, but for a part of each batch.
 */
import { keyOf } from '../codec/bytes.ts'
import type { SignatureRecoverer } from '../runtime/recovery/signatureRecovery.ts'
import type { TransactionEnvelope } from '../types/transaction.ts'
import { FairQueue } from './fairQueue.ts'
import { RECOVERY_BATCH, RECOVERY_CALLS, RECOVERY_STRANGERS } from './limits.ts'

/** The bringer of a transaction: `null` for a user of this node, else a peer. */
export type Source = PeerSource | null

export interface PeerSource {
  readonly peer: string
  /** Named at start. */
  readonly named: boolean
}

export interface RecoveryBounds {
  /** Transactions that wait, of users and of all peers each, and their bytes. */
  readonly waiting: number
  readonly waitingBytes: number
}

/** The sender; null when no key could have made the signature; `busy` when too many wait. */
export type Recovered = Uint8Array | null | 'busy'

interface Waiting {
  readonly envelope: TransactionEnvelope
  readonly key: string
  readonly bytes: number
  /** Entries of it in the queues: one for each source that brought it. */
  places: number
  /** False once it is in a batch, or was dropped. */
  isWaiting: boolean
  resolve(sender: Recovered): void
  reject(error: unknown): void
}

export class SenderRecovery {
  readonly #recoverer: SignatureRecoverer
  readonly #bounds: RecoveryBounds
  #users: Waiting[] = []
  #userBytes = 0
  readonly #peers = new FairQueue<Waiting>()
  readonly #waiting = new Map<string, Waiting>()
  #calls = 0
  #scheduled = false

  constructor(recoverer: SignatureRecoverer, bounds: RecoveryBounds) {
    this.#recoverer = recoverer
    this.#bounds = bounds
  }

  recover(envelope: TransactionEnvelope, source: Source): Promise<Recovered> {
    const bytes = envelope.raw.length
    if (!this.#makeRoom(bytes, source)) return Promise.resolve('busy')
    return new Promise((resolve, reject) => {
      const key = keyOf(envelope.hash)
      const waiting: Waiting = { envelope, key, bytes, places: 0, isWaiting: true, resolve, reject }
      this.#waiting.set(key, waiting)
      this.#put(waiting, source)
      if (this.#scheduled) return
      this.#scheduled = true
      // After the caller's loop over a bundle, not in it.
      queueMicrotask(() => {
        this.#scheduled = false
        this.#fill()
      })
    })
  }

  /** Another source brought a transaction that may still wait here: it is recovered in the turn that comes first. */
  alsoFrom(key: string, source: Source): void {
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined && this.#makeRoom(waiting.bytes, source)) this.#put(waiting, source)
  }

  #put(waiting: Waiting, source: Source): void {
    waiting.places++
    if (source !== null) this.#peers.push(source.peer, source.named, waiting)
    else {
      this.#users.push(waiting)
      this.#userBytes += waiting.bytes
    }
  }

  /** Users and peers have room each, so that peers cannot fill that of the users. */
  #makeRoom(bytes: number, source: Source): boolean {
    const { waiting, waitingBytes } = this.#bounds
    if (source === null) return this.#users.length < waiting && this.#userBytes + bytes <= waitingBytes
    const queue = this.#peers
    while (queue.length >= waiting || queue.bytes + bytes > waitingBytes) {
      const dropped = queue.giveWay(source.peer, source.named, bytes)
      if (dropped === undefined) return false
      dropped.places--
      if (dropped.places === 0 && dropped.isWaiting) this.#leave(dropped).resolve('busy')
    }
    return true
  }

  #leave(waiting: Waiting): Waiting {
    waiting.isWaiting = false
    this.#waiting.delete(waiting.key)
    return waiting
  }

  #fill(): void {
    while (this.#calls < RECOVERY_CALLS) {
      const batch = this.#nextBatch()
      if (batch.length === 0) return
      this.#calls++
      void this.#run(batch)
    }
  }

  #nextBatch(): Waiting[] {
    const batch: Waiting[] = []
    const fill = (upTo: number, take: () => Waiting | undefined) => {
      while (batch.length < upTo) {
        const next = take()
        if (next === undefined) return
        next.places--
        // Another of its queues may have had its turn before.
        if (next.isWaiting) batch.push(this.#leave(next))
      }
    }
    const users = this.#users.splice(0, RECOVERY_BATCH)
    for (const { bytes } of users) this.#userBytes -= bytes
    fill(RECOVERY_BATCH, () => users.shift())
    fill(RECOVERY_BATCH - RECOVERY_STRANGERS, () => this.#peers.take(true))
    fill(RECOVERY_BATCH, () => this.#peers.take(false))
    fill(RECOVERY_BATCH, () => this.#peers.take(true))
    return batch
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
